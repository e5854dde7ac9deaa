"""Who is who: customers by the wallet's ids and by ours, those merged into others too."""

from collections.abc import Iterable

from huifang.customers import cleaning, masks, sealing, store
from huifang.customers.errors import UnknownCustomerError
from huifang.customers.models import Alias, Customer
from huifang.customers.records import Profile
from huifang.kernel.ids import CustomerId


def to_profile(customer: Customer) -> Profile:
    """The record of one row."""
    return Profile(
        id=CustomerId(customer.pk),
        external_id=customer.external_id,
        wallet_kind=customer.wallet_kind,
        language=customer.language,
        time_zone=customer.time_zone,
        time_zone_source=customer.time_zone_source,
        region=customer.region,
        masked_name=masks.mask_name(sealing.open_name(customer.sealed_name)),
        registered_at=customer.registered_at,
        first_seen_at=customer.first_seen_at,
        last_seen_at=customer.last_seen_at,
        traits=customer.traits,
    )


def now_called(customer_id: CustomerId) -> CustomerId:
    """The customer's key; of one who was merged into another, the other's."""
    return CustomerId(store.kept([customer_id]).get(customer_id, customer_id))


def profile(*, external_id: str) -> Profile:
    """The customer whom the wallet calls *external_id*, or called so once. Raises `UnknownCustomerError`."""
    is_usable = cleaning.is_usable_id(external_id)
    found = Customer.objects.select_related("kept").filter(external_id=external_id) if is_usable else None
    customer = found.first() if found is not None else None
    customer = customer.kept or customer if customer else None
    if customer is None:
        raise UnknownCustomerError(customer=external_id)
    return to_profile(customer)


def ids_of(*, external_ids: Iterable[str]) -> dict[str, CustomerId]:
    """The customers whom the wallet calls by *external_ids*; unknown ones are left out. One query."""
    return {external_id: CustomerId(pk) for external_id, pk in store.known(external_ids).items()}


def profiles(*, customer_ids: Iterable[CustomerId]) -> dict[CustomerId, Profile]:
    """The profiles of those of *customer_ids* that exist; of a merged one, that of who was kept."""
    found = Customer.objects.select_related("kept").filter(pk__in=list(customer_ids))
    return {CustomerId(customer.pk): to_profile(customer.kept or customer) for customer in found}


def profile_of(*, customer_id: CustomerId) -> Profile:
    """The customer with this key. Raises `UnknownCustomerError`."""
    found = profiles(customer_ids=[customer_id])
    if customer_id not in found:
        raise UnknownCustomerError(customer=customer_id)
    return found[customer_id]


def anonymous_ids(*, customer_id: CustomerId) -> list[str]:
    """The anonymous ids that turned out to be this customer."""
    found = Alias.objects.filter(customer_id=now_called(customer_id)).order_by("linked_at")
    return list(found.values_list("anonymous_id", flat=True))


def all_keys(customer_id: CustomerId) -> list[CustomerId]:
    """The customer's key, first, and those of everybody who was merged into them."""
    kept = now_called(customer_id)
    gone = Customer.objects.filter(kept_id=kept).order_by("pk").values_list("pk", flat=True)
    return [kept, *(CustomerId(pk) for pk in gone)]


def former_ids(*, customer_id: CustomerId) -> list[str]:
    """What else the wallet has called the customer, where ids were merged."""
    found = Customer.objects.filter(kept_id=now_called(customer_id)).order_by("pk")
    return list(found.values_list("external_id", flat=True))


def names_of_merged() -> dict[str, str]:
    """What everybody who was merged into another was called by the wallet, and what that other is called."""
    found = Customer.objects.filter(kept__isnull=False).values_list("external_id", "kept__external_id")
    return dict(found.iterator())
