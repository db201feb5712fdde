"""The resolver by itself: order, circles, families, moves and what looks at other cases."""

from __future__ import annotations

from typing import Literal

import pytest

from sheetgen.engine.quantity import FAIL, NUMBER, TEXT, Quantity, check, look_up, quantity
from sheetgen.engine.resolver import Engine, GraphError, NoFigureError

Tier = Literal["spot", "reserved"]


@quantity("currency")
def total(gpu_hours: float, price: float) -> float:
    """Hours at their price."""
    return gpu_hours * price


@quantity("GPU*h")
def gpu_hours(seconds: float, gpus: float) -> float:
    """Accelerator-hours."""
    return seconds / 3600 * gpus


@quantity("count")
def rank(total: float, across_total: tuple[float, ...]) -> int:
    """The cheapest first."""
    return 1 + sum(other < total for other in across_total)


@quantity("currency")
def gap(total: float, reference_total: float) -> float:
    """More than the reference."""
    return total - reference_total


@check(FAIL)
def check_positive(total: float) -> bool:
    """Something is paid."""
    return total > 0


CASES = ({"seconds": 3600, "gpus": 2, "price": 3}, {"seconds": 7200, "gpus": 4, "price": 2})


def test_order_and_inputs_follow_from_the_parameters() -> None:
    """What is given late is computed early, and what no function gives is an input."""
    engine = Engine([total, gpu_hours])

    assert engine.order == ("gpu_hours", "total")
    assert engine.inputs == {"seconds", "gpus", "price"}
    assert engine.evaluate(CASES[0])["total"] == 6


def test_only_what_is_wanted_is_computed() -> None:
    """Price is not needed for hours, and may be absent."""
    assert Engine([total, gpu_hours]).evaluate({"seconds": 3600, "gpus": 2}, ["gpu_hours"])["gpu_hours"] == 2


def test_a_quantity_that_is_given_is_not_computed() -> None:
    """Hours that stand among the inputs need neither seconds nor GPUs."""
    assert Engine([total, gpu_hours]).evaluate({"gpu_hours": 5, "price": 3})["total"] == 15


def test_a_move_computes_only_what_rests_on_it() -> None:
    """With another price the hours stay; with the hours themselves set, their function is not asked."""
    asked: list[float] = []

    def seen(seconds: float) -> float:
        asked.append(seconds)
        return seconds / 3600

    hours = quantity("h", key="gpu_hours")(seen)
    engine = Engine([total, hours])
    values = engine.evaluate({"seconds": 7200, "price": 3})

    assert engine.moved(values, {"price": 5}, ["total"]) == {"total": 10}
    assert engine.moved(values, {"gpu_hours": 7}, ["total"]) == {"total": 21}
    assert asked == [7200]
    assert engine.moved(values, {"seconds": 3600}, ["total"]) == {"total": 3}
    assert values["total"] == 6


def test_a_case_may_look_at_the_others() -> None:
    """Ranks see all totals, gaps the reference case; nothing of it stays in the values."""
    cases = [{**case, "reference_case_number": 1} for case in CASES]
    first, second = Engine([total, gpu_hours, rank, gap]).evaluate_cases(cases)

    assert (first["rank"], second["rank"]) == (1, 2)
    assert (first["gap"], second["gap"]) == (0, 10)
    assert "across_total" not in first


def test_a_family_is_one_function_bound_to_other_keys() -> None:
    """A member has its own key and reads its own keys; a look-up chooses one by an input."""

    def cost(hours: float, rate: float) -> float:
        """Hours at their rate."""
        return hours * rate

    family = [
        quantity("currency", key=f"{tier}_cost", hours=f"{tier}_hours", rate=f"{tier}_rate")(cost)
        for tier in ("spot", "reserved")
    ]
    chosen = look_up("cost", "tier", "{}_cost", ("spot", "reserved"), "currency", "The cost of the tier chosen.")
    values = {"spot_hours": 2, "spot_rate": 3, "reserved_hours": 5, "reserved_rate": 7}

    assert Engine([*family, chosen]).evaluate({**values, "tier": "reserved"})["cost"] == 35
    assert Engine([*family, chosen]).evaluate({**values, "tier": "spot"})["cost"] == 6


def test_a_check_says_what_it_is_told_to_say() -> None:
    """OK where it holds, its own word where it does not."""
    engine = Engine([check_positive])

    assert engine.evaluate({"total": 1})["check_positive"] == "OK"
    assert engine.evaluate({"total": 0})["check_positive"] == "FAIL"


def test_two_functions_for_one_key_are_refused() -> None:
    """Negative control: which of them would count?"""
    with pytest.raises(GraphError, match="total: two functions"):
        Engine([total, gpu_hours, total])


def test_a_circle_is_refused_by_name() -> None:
    """Negative control: a rests on b and b on a."""

    def same(other: float) -> float:
        return other

    circle: list[Quantity] = [quantity("1", key="a", other="b")(same), quantity("1", key="b", other="a")(same)]
    with pytest.raises(GraphError, match="rest on each other: a, b, a"):
        assert Engine(circle).order


def test_an_input_says_what_it_may_hold() -> None:
    """Annotations are the list of inputs: numbers, texts, choices; tables and tuples are not checked."""

    def taken(price: float, name: str, tier: Tier, rates: tuple[float, ...]) -> float:
        return price + len(name) + len(tier) + len(rates)

    assert Engine([quantity("1")(taken)]).kinds == {"price": NUMBER, "name": TEXT, "tier": ("spot", "reserved")}


def test_functions_that_take_an_input_differently_are_refused() -> None:
    """Negative control: a price that is a number here and a word there."""

    def here(price: float) -> float:
        return price

    def there(price: str) -> str:
        return price

    with pytest.raises(GraphError, match="price: there takes text, another takes number"):
        assert Engine([quantity("1")(here), quantity("1")(there)]).kinds


def test_the_first_date_of_all_cases_is_an_input_of_all() -> None:
    """A parameter may look at an input of the other cases, too."""

    @quantity("date")
    def first(across_start: tuple[float, ...]) -> float:
        return min(across_start)

    engine = Engine([first])

    assert engine.inputs == {"start"}
    assert [case["first"] for case in engine.evaluate_cases([{"start": 5}, {"start": 3}])] == [3, 3]


def test_a_figure_beyond_a_double_is_named() -> None:
    """Negative control: the message has the key of the quantity that overflows, not of one that rests on it."""

    def power(exponent: float) -> float:
        return 10.0**exponent

    engine = Engine([quantity("1", key="hosting")(power)])
    with pytest.raises(NoFigureError, match="beyond a double: hosting"):
        engine.evaluate({"exponent": 999})


def test_a_key_is_explained_with_what_it_rests_on() -> None:
    """A quantity names function and needs; an input nothing; an unknown key is refused."""
    engine = Engine([total, gpu_hours])

    assert engine.explain("total").needs == ("gpu_hours", "price")
    assert engine.explain("price").quantity is None
    assert engine.rests_on(["total"]) == {"total", "gpu_hours", "price", "seconds", "gpus"}
    assert engine.moved_by(["price"]) == {"total"}
    with pytest.raises(KeyError):
        engine.explain("nothing")
