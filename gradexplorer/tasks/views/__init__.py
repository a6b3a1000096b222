"""What a network does on held-out data, as its task shows it: plain arrays for others to draw."""

from gradexplorer.tasks.views.control import PendulumTrial, PlantResponse
from gradexplorer.tasks.views.language import GeneratedText
from gradexplorer.tasks.views.sequences import NumberSequences, Sequences, SymbolSequences
from gradexplorer.tasks.views.series import Forecast, Score
from gradexplorer.tasks.views.speech import Utterance
from gradexplorer.tasks.views.static import Confusion, DecisionSurface
from gradexplorer.tasks.views.view import View

__all__ = [
    "Confusion",
    "DecisionSurface",
    "Forecast",
    "GeneratedText",
    "NumberSequences",
    "PendulumTrial",
    "PlantResponse",
    "Score",
    "Sequences",
    "SymbolSequences",
    "Utterance",
    "View",
]
