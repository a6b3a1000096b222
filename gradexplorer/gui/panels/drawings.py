"""Which drawing shows which view: a task that brings a view of its own adds a line here."""

from __future__ import annotations

from gradexplorer.gui.panels.confusion import ConfusionDrawing
from gradexplorer.gui.panels.control import PendulumDrawing, PlantResponseDrawing
from gradexplorer.gui.panels.decision_surface import SurfaceDrawing
from gradexplorer.gui.panels.drawing import Drawing
from gradexplorer.gui.panels.forecast import ForecastDrawing
from gradexplorer.gui.panels.sequences import NumbersDrawing, SymbolsDrawing
from gradexplorer.gui.panels.utterance import UtteranceDrawing
from gradexplorer.gui.panels.written import WrittenDrawing
from gradexplorer.tasks import views

DRAWINGS: dict[type[views.View], type[Drawing]] = {
    views.Confusion: ConfusionDrawing,
    views.DecisionSurface: SurfaceDrawing,
    views.NumberSequences: NumbersDrawing,
    views.SymbolSequences: SymbolsDrawing,
    views.GeneratedText: WrittenDrawing,
    views.PlantResponse: PlantResponseDrawing,
    views.PendulumTrial: PendulumDrawing,
    views.Utterance: UtteranceDrawing,
    views.Forecast: ForecastDrawing,
}
