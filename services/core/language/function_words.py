"""Words that say nothing of what a text is about: they are not asked for where other words are."""

FUNCTION_WORDS = frozenset(
    """
    ab aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus
    bei beim bereits bin bis bist bitte bzw da dabei dadurch
    dafur dagegen daher dahin damals damit danach dann daran darauf daraus
    darf darin daruber darum das davon davor dazu dass dein
    deine deinem deinen deiner dem den denen denn der deren des
    dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch durfen ein eine einem einen einer
    eines einige einigen er es etc etwa etwas euch euer eure
    fur ganz gar gegen geworden gewesen gibt hab habe haben hat
    hatte hatten hier hin ich ihm ihn ihnen ihr ihre
    ihrem ihren ihrer ihres im immer in ins irgend irgendwas irgendwie
    irgendwo ist ja jede jedem jeden jeder jedes jemand jemandem jemanden jene jenem jenen jener jenes jetzt kann kein
    keine keinem keinen keiner konnen konnte konnten lassen mal
    man manche mehr mein meine meinem meinen meiner mich mir
    mit muss mussen musste nach nachdem ne nein nicht nichts noch nun nur ob obwohl oder ohne schon sehr sei seid sein
    seine seinem seinen seiner seines seit selbst sich sie sind so sogar solche solchem solchen solcher soll sollen
    sollte sondern sonst soviel sowie uber um und uns unser unsere unserem unseren unserer unter usw viel viele vielen
    vieler vom von vor wahrend wann war waren warum was weder weg wegen weil weiter welche welchem welchen welcher
    welches wem wen wenn wer werde werden wessen wie wieder wieviel will wir wird wirst wo woher wohin wollen wollte
    womit woran worauf woraus worden worin wovon wozu wurde wurden zu zum zur zwar zwischen
    a the of to and is in for on with at by
    """.split()  # noqa: SIM905 - a table that people read
)
"""In the spelling of the index."""

ASKING_WORDS = frozenset(
    """
    art arten bedeuten bedeutet bedeutete befand befanden befinden befindet bekam bekannt bekommen bekommt besteht
    bestehen bezeichnen bezeichnet bezeichnete brauche brauchen braucht dient diente dienen ding dings durfte eigentlich
    gab gaben geben gegeben gehen geheissen gehoren gehort gehorte geht gemacht genannt genau getan ging haufig
    heissen heisst hiess hiessen kam kamen kommen kommt lag lagen lauten lautet lautete lauteten leute liegen liegt
    machen macht machte machten manchmal meist meisten mochte mochten nannte nannten nennen nennt oft sache sagen sagt
    sagte sorte stand standen stehen steht suche tat taten teil teile tun tut ungefahr weiss wissen zusammen
    """.split()  # noqa: SIM905 - a table that people read
)
"""What a spoken question is made of, beside the function words: they may be lacking where it has other words.

A short line means them, and so do entries: *Art* alone is looked for.
"""
