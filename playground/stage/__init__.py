"""The way of a frame from the runner to the browser: who may watch, and the route that answers.

The browser's side of it, which asks and paints, lies in ``playground/ui/static``, from where Streamlit serves it.
"""
