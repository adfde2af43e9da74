"""The layout of a page as plain HTML, for a page that no server stands behind."""

from collections.abc import Iterable
from html import escape

from dash import dcc
from dash.development.base_component import Component

from deepresolve_dash.errors import SettingsError

_CALLED = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "readOnly": "readonly"}
_FLAGS = ("hidden", "disabled", "open", "readOnly", "required", "selected", "checked")
_FOR_DASH = ("children", "n_clicks", "n_clicks_timestamp", "key", "disable_n_clicks")
_EMPTY = ("Input", "Br", "Hr", "Img")


def as_html(part: object) -> str:
    """Return a component of Dash and what is in it as HTML; text is escaped.

    Parameters
    ----------
    part : component, text, number, None, or sequence of these

    Raises
    ------
    SettingsError
        When it holds a component that a browser needs Dash for.
    """
    if part is None or isinstance(part, bool):
        return ""
    if isinstance(part, Component):
        return _element(part)
    if isinstance(part, Iterable) and not isinstance(part, str):
        return "".join(as_html(one) for one in part)
    return escape(str(part))


def _element(part: Component) -> str:
    told = part.to_plotly_json()
    props, kind = dict(told["props"]), told["type"]
    if isinstance(part, dcc.Link):
        kind, props = "A", {"data-visit": "", **props}
        props.pop("refresh", None)
    elif told["namespace"] != "dash_html_components":
        raise SettingsError(f"{kind} cannot be shown without a server.")
    tag, inside = kind.lower(), as_html(props.get("children"))
    words = "".join(
        _attribute(name, value) for name, value in props.items() if name not in _FOR_DASH
    )
    return f"<{tag}{words}>" if kind in _EMPTY else f"<{tag}{words}>{inside}</{tag}>"


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return "" if name in _FLAGS or value is None else f' {name}="false"'
    called = _CALLED.get(name, name)
    if value is True and name in _FLAGS:
        return f" {called}"
    if name == "style" and isinstance(value, dict):
        value = ";".join(f"{_dashed(key)}:{one}" for key, one in value.items())
    return f' {called}="{escape(str(value))}"'


def _dashed(name: str) -> str:
    """Return the name of a style as CSS has it: `minWidth` is `min-width`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
