"""The dashboard's frame: routes, page settings and navigation. Start it with ``streamlit run dashboard.py``."""

import sys
from pathlib import Path

import streamlit as st

if not st.runtime.exists():  # the server imports this file for its routes
    from fashion_core.errors import ConfigError
    from ui import hosting, libraries, middleware, serving, visitors

    try:
        visitors.owner_token()
        print(hosting.describe_start())
    except ConfigError as error:
        sys.exit(str(error))
    visitors.start_deleting_expired_folders()
    libraries.start_importing_libraries()
    app = st.App(__file__, routes=serving.http_routes(), middleware=middleware.http_middleware())
else:  # a session runs the script
    from ui import shell, style

    # Streamlit would fetch a Material icon from the network
    icon = Path(__file__).parent / "ui" / "icon.png"
    st.set_page_config(page_title=style.WINDOW_TITLE, page_icon=icon, layout="wide")
    shell.build_navigation().run()
