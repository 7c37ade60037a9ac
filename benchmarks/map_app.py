"""One pair of maps and nothing else, for ``benchmarks.map``: ``?kind=own&images=test``, or plotly, or all."""

import streamlit as st

if not st.runtime.exists():
    from ui.serving import routes

    app = st.App(__file__, routes=routes())
else:
    from fashion_core.computed import store
    from fashion_core.computed.clustering import Clustering
    from fashion_core.computed.facts import Facts
    from fashion_core.computed.projection import Projection
    from ui.clusters import colouring
    from ui.components.map import Cloud, paired_map, quantised
    from ui.selection import Selection

    st.set_page_config(layout="wide")
    images = st.query_params["images"]
    n = 10_000 if images == "test" else 70_000
    points = store.shipped_result(Projection("pca", images))["points"]  # type: ignore[arg-type]
    labels = store.shipped_result(Facts())["labels"][-n:]
    clusters = store.shipped_result(Clustering())["clusters"][-n:]
    names = [0] * 10
    if st.query_params["kind"] == "own":
        import numpy as np

        ways = {"class": colouring.by_class(labels), "cluster": colouring.by_cluster(clusters, np.array(names))}
        places, extent = quantised(points)
        cloud = Cloud(places, extent, n - 10_000, "", None)
        shown = ("class", "cluster")
        paired_map(cloud, ways, {"class": "class"}, shown, Selection(), key="pair", on_selection=lambda: None)
    else:
        from fashion_core.charts import maps

        st.plotly_chart(maps.pair(points, labels, clusters, names, ("", "")), key="pair")
