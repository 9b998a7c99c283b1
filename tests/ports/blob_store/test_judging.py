"""Classification over each store: what it learns and answers does not rest on where the records lie."""

import random

from services.classification.training.runs import train
from services.classification.training.versions import rollback
from services.core.ports.blob_store import BlobStore
from tests.component.registry_office import RegistryOffice
from tests.component.test_training import asked, letter, said, taught


def told(office: RegistryOffice) -> list[object]:
    """What becomes of letters after corrections, after a training, and after the way back."""
    context = office.contexts["classification"]
    taught(office, 60)
    story: list[object] = [said(asked(office))]
    outcome = train(context)
    story += [outcome, said(asked(office)), said(office.classify(letter("12.10.02", random.Random(5))))]
    rollback(context)
    return [*story, said(asked(office))]


def test_the_same_story_has_the_same_answers(blobs: BlobStore) -> None:
    """Letters, corrections, a training and a rollback over files, over S3 and in memory: alike to the last digit."""
    assert told(RegistryOffice(blobs)) == told(RegistryOffice())
