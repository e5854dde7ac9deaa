"""FAQ search and what is asked but not answered."""

from huifang.textanalysis import faq
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.faq import Entry, Search
from huifang.textanalysis.records import Text

ENTRIES = [
    Entry(key="fee", questions=("提现手续费是多少", "提现要收费吗"), answer="每笔千分之一"),
    Entry(key="limit", questions=("转账限额是多少", "一天能转多少钱"), answer="每日五万元"),
    Entry(key="password", questions=("How do I reset my password?",), answer="Under Settings, Security."),
    Entry(key="card", questions=("How do I add a bank card?",), answer="Under Cards, Add."),
]


def test_the_entry_that_answers_comes_first_with_its_score() -> None:
    search = Search(ENTRIES)
    assert [search.find(each)[0].key for each in ("提现的手续费多少", "forgot password", "add card")] == [
        "fee",
        "password",
        "card",
    ]
    found = search.find("转账限额")
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert len(found) <= 3
    assert all(0 < match.score <= 1 for match in found)


def test_a_question_without_a_known_word_finds_nothing() -> None:
    search = Search(ENTRIES)
    assert [search.find(each) for each in ("", "🙂", "\x00", "ЖЖЖ")] == [[]] * 4
    assert Search([]).find("提现") == []


def test_questions_that_recur_without_an_answer_become_candidates() -> None:
    asked = [
        "怎么开发票",
        "如何开发票啊",
        "发票怎么开",
        "请问怎么开发票呢",
        "提现手续费是多少？",
        "今天天气怎么样",
    ]
    findings = RuleEngine().analyse([Text(key=str(at), text=text) for at, text in enumerate(asked)])
    (candidate,) = faq.candidates(findings, Search(ENTRIES))
    assert set(candidate.members) <= {0, 1, 2, 3}
    assert len(candidate.members) >= 3


def test_an_entry_is_found_by_one_line_of_a_long_answer() -> None:
    long = "\n".join(["首次使用请先实名认证。", "境外取现每笔收取十二元。", "挂失请拨打客服热线。"])
    search = Search([*ENTRIES, Entry(key="abroad", questions=(), answer=long)])
    assert search.find("境外取现收多少")[0].key == "abroad"
    assert search.find("转账限额是多少")[0].key == "limit"


def test_a_search_over_entries_without_any_words_finds_nothing() -> None:
    assert Search([Entry(key="none", questions=(), answer="")]).find("提现") == []


def test_a_question_left_out_is_no_longer_part_of_its_entry() -> None:
    search, (fee, *_) = Search(ENTRIES), ENTRIES
    rest = faq.without(fee, 0)
    assert rest.questions == fee.questions[1:]
    asked = fee.questions[0]
    assert search.alike_to(asked, rest) < search.alike_to(asked, fee)
    assert abs(search.alike_to(asked, fee) - search.alike([asked])[0, 0]) < 1e-9
