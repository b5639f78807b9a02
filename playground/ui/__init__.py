"""Everything that draws with Streamlit, and nothing else in the package does."""
