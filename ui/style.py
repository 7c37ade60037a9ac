"""The pages' names and the dashboard's style: all CSS outside the project's own components.

The server imports this before any page runs: nothing here may use Streamlit.
"""

PRODUCT_NAME = "Fashion dashboard"
WINDOW_TITLE = "Can clothing be sorted automatically?"
# no icons: Streamlit would use a page's icon for the window too and fetch it from the network
PAGE_GROUPS = {
    "Answer": {"overview": "Overview", "try_it": "Try it", "feasibility": "Feasibility", "review": "Review"},
    "Explain": {"compare": "Compare", "clusters": "Clusters", "garments": "Garments"},
    "Build": {"train": "Train", "data": "Data"},
    "Share": {"report": "Report"},
}
PAGE_TITLES = {name: title for pages in PAGE_GROUPS.values() for name, title in pages.items()}
PAGE_STYLE = """
/* the page begins at the top of the window; Streamlit's header floats over it */
[data-testid=stMainBlockContainer] { padding: 1.5rem 2rem 3rem; max-width: none; }
[data-testid=stHeader] { background: none; pointer-events: none; }
[data-testid=stHeader] > * { pointer-events: none; }
[data-testid=stHeader] :is(button, a, [data-testid=stStatusWidget]) { pointer-events: auto; }
[data-testid=stHeading] h1 { padding: 0; }
[data-testid=stHeading] h2 { padding: 0 0 0.75rem; }
/* room for the button that opens the sidebar */
[data-testid=stApp]:has([data-testid=stExpandSidebarButton]) {
  [data-testid=stMainBlockContainer] { padding-top: 0.75rem; }
  h1 { padding-left: 2.25rem; }
}
@media (max-width: 767px) { [data-testid=stMainBlockContainer] { padding-inline: 1rem; } }
/* room for the sidebar, which arrives after the page */
@media (min-width: 768px) {
  [data-testid=stAppViewContainer]:not(:has([data-testid=stSidebar])) { padding-left: 13rem; }
}
/* Streamlit ignores a sidebar width from set_page_config when a deep link opens the page */
[data-testid=stSidebar][data-collapsed=false] { width: 13rem !important; min-width: 13rem; max-width: 13rem; }
[data-testid=stSidebarResizeHandle] { display: none; }
[data-testid=stSidebarContent] { padding: 0 0.125rem; }
[data-testid=stSidebarHeader] { margin-bottom: 0; }
[data-testid=stSidebarHeader]::before {
  content: "PRODUCT_NAME"; font-weight: 700; padding-left: 0.5rem; white-space: nowrap;
}
[data-testid=stSidebarUserContent] { padding: 0.75rem 0.5rem 1rem; }
/* links look like links, also those that change the page */
:is([data-testid=stPageLink], [data-testid=stBaseButton-tertiary]) p {
  color: light-dark(#1f5b9e, #8cc0f2); text-decoration: underline; text-underline-offset: 0.2em; text-align: start;
}
[data-testid=stPageLink] a { padding-left: 0; }
/* a table that is wider than its place scrolls in it */
[data-testid=stMarkdownContainer]:has(> table) { overflow-x: auto; }
/* in a row, switches are as high as pickers */
:is(.st-key-feasibility-controls, .st-key-clusters-controls) [data-testid=stButtonGroup] button:not(label *) {
  min-height: 2.5rem;
}
/* what a run learns stays in view beside a long form */
@media (min-width: 641px) {
  [data-testid=stColumn]:has(.st-key-live-panel) > [data-testid=stVerticalBlock] { height: 100%; }
  [data-testid=stLayoutWrapper]:has(> .st-key-live-panel) { position: sticky; top: 3.5rem; }
}
/* on a phone, what was chosen in a chart stays in view below it, and a run in training is above the form */
@media (max-width: 640px) {
  [data-testid=stColumn]:has(.st-key-live-panel) { order: -1; }
  [data-testid=stLayoutWrapper]:has(> .st-key-page-header) { order: -2; }
  [data-testid=stLayoutWrapper]:has(> .st-key-feasibility-answer) { order: -1; }
  .st-key-result-panel {
    position: fixed; inset: auto 0 0 0; z-index: 100; max-height: 45vh; border-radius: 0;
    background: light-dark(#ffffff, #191817);
  }
}
/* beside the sidebar of a small window there is no room for a curve and a table side by side */
@media (max-width: 1060px) {
  .st-key-feasibility-curves [data-testid=stColumn]:not([data-testid=stColumn] *) { min-width: 100%; }
}
/* the preview of a report fills the window below the buttons */
.st-key-report-preview [data-testid=stElementContainer] { flex: none; height: auto; }
.st-key-report-preview iframe {
  height: max(25rem, calc(100vh - 9.5rem)); border: 1px solid light-dark(#d5dbe2, #3c454f); border-radius: 0.5rem;
}
.st-key-sample-data-notice button { min-height: 1.5rem; padding-block: 0; }
/* before there is a file, the whole column accepts one */
.st-key-upload:not(:has([data-testid=stFileChips])) { min-height: 24rem; }
.st-key-upload [data-testid=stFileUploaderDropzone]:has([data-testid=stFileUploaderDropzoneInstructions]) {
  min-height: 22rem; flex-direction: column; place-content: center;
}
/* room for what arrives late, so that nothing below it moves; a picture is square until its size is known */
[data-testid=stImage] img { aspect-ratio: auto 1; padding-inline: 2px; border-radius: 0; }
.st-key-overview-figures { min-height: 8.5rem; }
.st-key-feasibility-controls { min-height: 4.25rem; }
.st-key-feasibility-answer [data-testid=stHorizontalBlock] { min-height: 4.75rem; }
:is(.st-key-feasibility-target, .st-key-feasibility-mistake) { min-height: 4.25rem; }
.st-key-feasibility-curves { min-height: 29rem; }
.st-key-clusters-controls { min-height: 4.25rem; }
@media (min-width: 1000px) { :is(.st-key-clusters-look, .st-key-compare-look) { height: 2rem; } }
.st-key-classes { min-height: 3.75rem; }
.st-key-garments-controls { min-height: 4.25rem; }
.st-key-full-gallery { min-height: 22.25rem; }
.st-key-clusters-pair { min-height: calc(clamp(260px, 100vh - 395px, 600px) + 8.5rem); }
[data-testid=stColumn]:has(.st-key-clusters-plain) .st-key-clusters-pair { min-height: 0; }
.st-key-canvas, .st-key-paint { min-height: min(27rem, 100vw); }
/* the theme's colour for selected buttons and values of sliders is too dark for text in the dark theme */
:is([data-testid=stButtonGroup] button[data-selected=true], [data-testid=stSliderThumbValue]) p {
  color: color-mix(in srgb, currentColor 60%, CanvasText);
}
/* with forced colours, backgrounds go: what is chosen and where a slider stands must show without them */
@media (forced-colors: active) {
  :is([data-testid=stButtonGroup] button[data-selected=true], [role=tab][aria-selected=true]) {
    outline: 2px solid Highlight; outline-offset: -2px;
  }
  [data-testid=stSidebarNavLink][aria-current=page] { border: 1px solid Highlight; }
  [data-testid=stSlider] * { forced-color-adjust: none; }
}
"""
# headings of st.navigation would stand in a list without being items of it, which is not accessible
GROUP_HEADING_STYLE = """
[data-testid=stSidebarNavItems] li:nth-child(NUMBER)::before {
  content: "GROUP"; display: block; padding: 0.75rem 0.5rem 0.25rem; font-size: 0.75rem; font-weight: 700; opacity: 0.8;
}
"""
MATRIX_STYLE = """.st-key-matrices-CLASSES {
  min-height: calc(17px + (clamp(1.15rem, (100vh - 26rem) / (2 * CLASSES + 4), 2rem) + 1px) * (1 + CLASSES));
}
"""
MAX_MATRIX_ROWS = 31  # thirty classes, and all others as one


def page_style() -> str:
    """The style sheet of the whole window."""
    firsts = (list(PAGE_TITLES).index(next(iter(pages))) + 1 for pages in PAGE_GROUPS.values())
    headings = (
        GROUP_HEADING_STYLE.replace("NUMBER", str(number)).replace("GROUP", group)
        for number, group in zip(firsts, PAGE_GROUPS, strict=True)
    )
    matrices = (MATRIX_STYLE.replace("CLASSES", str(n)) for n in range(1, MAX_MATRIX_ROWS + 1))
    return PAGE_STYLE.replace("PRODUCT_NAME", PRODUCT_NAME) + "".join((*headings, *matrices))
