"""The dashboard's frame: page settings and navigation, nothing else. Start it with ``streamlit run dashboard.py``."""

import streamlit as st

from ui import shell

st.set_page_config(page_title="Can clothing be sorted automatically?", page_icon=":material/apparel:", layout="wide")
shell.navigation().run()
