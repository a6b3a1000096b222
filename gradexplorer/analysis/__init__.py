"""Measured things: what happens to a gradient, in numbers that a window or a script can show.

Everything here is computed in float64 from given weights on one window of data
(`gradexplorer.analysis.window.measured_window`), or from a run's metrics alone (`clipping`,
`verdict`). Results are frozen dataclasses of read-only arrays.
"""
