"""Words that simulated workers write where no true text gives them any."""

_TEXT = (
    "about after again also another answer before begin better between both bring call change "
    "clear close colour come could country day different door down early end enough every find "
    "first follow found friend from give good great group hand head help here high home house "
    "idea kind know large last late learn leave left letter light line little live long look "
    "made make many mean morning most move much name near need never next night number often "
    "old only open order other over page paper part people picture place plain play point "
    "question quite read right river road room round run same say school second see sentence "
    "set should show side sister small some song soon sound spell stand start state still stop "
    "story street such sure table take talk tell than thank that there thing think thought "
    "three through time together told took town travel tree true turn two under until use very "
    "voice wait walk want warm watch water way week well went what when where which while white "
    "whole why will window with without word work world would write yellow yes you young"
)

WORDS: tuple[str, ...] = tuple(_TEXT.split())
