"""Figures to study: arrays of the worker's study become Plotly figures, as plain data that a browser draws.

The way of a figure: the browser asks (`answer`), the worker studies the run, the entry of the `registry` draws.
"""
