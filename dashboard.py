"""The dashboard's frame: page settings and navigation, nothing else. Start it with ``streamlit run dashboard.py``."""

from pathlib import Path

import streamlit as st

from ui import shell

ICON = Path(__file__).parent / "ui" / "icon.png"  # a Material icon here would be fetched from the network

st.set_page_config(page_title="Can clothing be sorted automatically?", page_icon=ICON, layout="wide")
shell.navigation().run()
