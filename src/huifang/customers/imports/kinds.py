"""What can be imported at the console: customers and events here, others as `config.wiring` provides them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from huifang.customers import cleaning, importing
from huifang.customers.errors import UnknownImportKindError
from huifang.decisions.zones import find_zone
from huifang.events import services as events
from huifang.events.records import EventLayout
from huifang.kernel import rows
from huifang.kernel.instants import InstantReader
from huifang.kernel.rows import RefusedRow, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One file to take in. *options* are texts from the form; *by* is who asked."""

    file: Path
    found: Iterable[Row]
    mapping: Mapping[str, str]
    options: Mapping[str, str]
    by: str
    now: datetime
    on_refused: Callable[[RefusedRow], None]

    @property
    def instants(self) -> InstantReader:
        """How times are read: by the zone and pattern of the form."""
        name = self.options.get("zone", "")
        zone = ZoneInfo(name) if find_zone(name) else UTC
        return InstantReader(zone=zone, pattern=self.options.get("time_format", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One thing to import. *known*: the fields that columns may be, with the plain names they go under.

    *keeps_others*: whether columns of no field are kept too, under their own names.
    *run* returns counts by name: ``read``, ``new``, ``changed``, ``known``, ``refused`` and others.
    """

    name: str
    known: Mapping[str, tuple[str, ...]]
    run: Callable[[Work], Mapping[str, int]]
    keeps_others: bool = True
    options: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def provide(kind: Kind) -> None:
    """Offer *kind* at the console; rooms above do so in `config.wiring`."""
    _kinds[kind.name] = kind


def kind_named(name: str) -> Kind:
    """The kind called *name*. Raises `UnknownImportKindError`."""
    if name not in _kinds:
        raise UnknownImportKindError(kind=name, kinds=", ".join(_kinds))
    return _kinds[name]


def names() -> list[str]:
    """Every kind."""
    return list(_kinds)


def _customers(work: Work) -> Mapping[str, int]:
    report = importing.take(
        work.found,
        mapping=work.mapping,
        now=work.now,
        as_of=cleaning.clean_instant(work.options.get("as_of", "")),
        on_refused=work.on_refused,
    )
    return {
        "read": report.read,
        "new": report.created,
        "changed": report.updated,
        "known": report.unchanged,
        "refused": report.refused,
        **{f"left_out:{name}": count for name, count in report.dropped.items()},
    }


def _events(work: Work) -> Mapping[str, int]:
    layout = EventLayout(
        mapping=work.mapping,
        event=work.options.get("event", ""),
        instants=work.instants,
        is_typed=rows.is_typed(work.file),
        has_columns=rows.has_columns(work.file),
    )
    report = events.import_events(
        rows=iter(work.found), layout=layout, now=work.now, on_refused=work.on_refused
    )
    counts = {"read": report.read, "new": report.stored, "known": report.known, "refused": report.refused}
    return counts | ({"outdated": report.outdated} if report.outdated else {})


provide(
    Kind(
        name="customers",
        known={
            "externalId": (
                "externalid",
                "userid",
                "customerid",
                "customer",
                "user",
                "id",
                "uid",
                "编号",
                "客户号",
                "用户id",
            ),
            "walletKind": ("walletkind", "钱包类型"),
            "phone": ("phone", "phonenumber", "mobile", "mobilenumber", "tel", "telephone", "手机", "手机号"),
            "email": ("email", "emailaddress", "mail", "邮箱"),
            "name": ("name", "fullname", "realname", "姓名"),
            "language": ("language", "locale", "语言"),
            "timezone": ("timezone", "时区"),
            "country": ("country", "countrycode", "国家"),
            "region": ("region", "地区", "省份"),
            "deviceToken": ("devicetoken", "pushtoken", "registrationid"),
            "openId": ("openid", "imid"),
            "registeredAt": ("registeredat", "createdat", "注册时间"),
            "updated_at": ("updatedat", "更新时间"),
            "birthday": ("birthday", "birthdate", "dateofbirth", "生日"),
            "consent_service_follow_up": ("consentservicefollowup",),
            "consent_marketing": ("consentmarketing",),
            "consent_call_recording": ("consentcallrecording",),
            "consent_at": ("consentat",),
            "consent_wording": ("consentwording",),
        },
        run=_customers,
        options=("as_of",),
    )
)
provide(
    Kind(
        name="events",
        known={
            "userId": ("userid", "externalid", "customerid", "uid", "用户id", "客户号"),
            "anonymousId": ("anonymousid",),
            "event": ("event", "eventname", "事件"),
            "timestamp": ("timestamp", "time", "date", "datetime", "occurredat", "时间", "日期"),
            "messageId": ("messageid", "eventid"),
        },
        run=_events,
        options=("event", "zone", "time_format"),
    )
)
