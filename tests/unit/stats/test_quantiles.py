import pytest
from scipy import stats

from huifang.stats.quantiles import normal_one_sided, normal_two_sided, student_two_sided


@pytest.mark.parametrize(
    ("degrees", "published"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (10, 2.228), (30, 2.042), (120, 1.980)],
)
def test_students_quantile_is_the_one_in_every_table(degrees: int, published: float) -> None:
    assert round(student_two_sided(0.95, degrees), 3) == published


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 29, 100, 199, 200, 201, 202, 1_000, 10**6])
@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_students_quantile_agrees_with_scipy(degrees: int, confidence: float) -> None:
    expected = stats.t.ppf((1 + confidence) / 2, degrees)

    assert student_two_sided(confidence, degrees) == pytest.approx(expected, rel=1e-9)


def test_the_normal_quantiles_are_those_in_every_table() -> None:
    assert round(normal_two_sided(0.95), 5) == 1.95996
    assert round(normal_one_sided(0.8), 5) == 0.84162


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 95.0, float("nan")])
def test_a_confidence_is_a_fraction(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_two_sided(confidence)
    with pytest.raises(ValueError, match="between 0 and 1"):
        student_two_sided(confidence, 10)


def test_no_degree_of_freedom_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="degree"):
        student_two_sided(0.95, 0)
