"""One pair of maps and nothing else, for ``benchmarks.map``: ``?kind=own&images=test``, or plotly, or all."""

import streamlit as st

if not st.runtime.exists():
    from ui.serving import http_routes

    app = st.App(__file__, routes=http_routes())
else:
    from fashion_core.computed import store
    from fashion_core.computed.clustering import KMeansClustering
    from fashion_core.computed.image_statistics import ImageStatistics
    from fashion_core.computed.projection import Projection
    from ui.clusters import colouring
    from ui.components.map import PointCloud, paired_map, quantise_points
    from ui.map_selection import MapSelection

    st.set_page_config(layout="wide")
    images = st.query_params["images"]
    n = 10_000 if images == "test" else 70_000
    points = store.load_shipped_result(Projection("pca", images))["points"]  # type: ignore[arg-type]
    labels = store.load_shipped_result(ImageStatistics())["labels"][-n:]
    clusters = store.load_shipped_result(KMeansClustering())["clusters"][-n:]
    names = [0] * 10
    if st.query_params["kind"] == "own":
        import numpy as np

        ways = {
            "class": colouring.colour_by_class(labels),
            "cluster": colouring.colour_by_cluster(clusters, np.array(names)),
        }
        places, extent = quantise_points(points)
        cloud = PointCloud(places, extent, n - 10_000, "", None)
        shown = ("class", "cluster")
        paired_map(cloud, ways, {"class": "class"}, shown, MapSelection(), key="pair", on_selection=lambda: None)
    else:
        from fashion_core.charts import maps

        st.plotly_chart(maps.class_and_cluster_maps(points, labels, clusters, names, ("", "")), key="pair")
