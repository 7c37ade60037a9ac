"""The dashboard's frame: routes, page settings and navigation. Start it with ``streamlit run dashboard.py``."""

from pathlib import Path

import streamlit as st

if not st.runtime.exists():  # the server imports this file for its routes
    from ui.serving import http_routes

    app = st.App(__file__, routes=http_routes())
else:  # a session runs the script
    from ui import shell

    # Streamlit would fetch a Material icon from the network
    icon = Path(__file__).parent / "ui" / "icon.png"
    st.set_page_config(page_title="Can clothing be sorted automatically?", page_icon=icon, layout="wide")
    shell.build_navigation().run()
