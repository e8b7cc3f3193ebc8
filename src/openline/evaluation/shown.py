"""How figures are shown on the page of an evaluation."""

from __future__ import annotations

from django.template import Library

from openline.evaluation.findings import Figure

register = Library()


@register.filter
def shown(figure: Figure) -> str:
    """The value with its unit: shares with three decimals, measures in units with one."""
    return f"{figure.value:,.1f} {figure.unit}" if figure.unit else f"{figure.value:.3f}"


@register.filter
def between(figure: Figure) -> str:
    """The 95 % interval; empty where there is none."""
    return "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"


@register.filter
def goal(figure: Figure) -> str:
    """The goal with its sense."""
    if figure.goal is None:
        return ""
    return f"{'at most' if figure.at_most else 'at least'} {figure.goal:g} {figure.unit}".strip()
