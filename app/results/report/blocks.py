"""The blocks of a report, from its heading to its disclaimer, as ReportLab lays them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from app.results.measurement import Fact
from app.results.reliability import Remark
from app.results.report import styles
from app.results.report.case import Case
from app.results.report.case_blocks import course, opinions, similar
from app.results.report.content import ClassShare, ReportContent
from app.results.report.drawings import Bar, FramedPicture
from app.results.report.fonts import REPLACEMENT, markup, writable
from app.results.report.heading import Heading, heading
from app.results.report.issue import Issue
from app.results.report.pictures import Picture, Pictures
from app.results.report.pieces import RULED, TIGHT, fact, panel, text
from app.results.report.seal import seal
from app.results.report.styles import GAP, WIDTH

PICTURE_HEIGHT = 146.0
COLUMN_GAP = 18.0
COLUMN = (WIDTH - COLUMN_GAP) / 2


def story(content: ReportContent, case: Case, pictures: Pictures, issue: Issue | None) -> list[Flowable]:
    """Return everything that flows over the pages, in the order in which it is read."""
    blocks = [
        _heading(content, pictures.logo, issue),
        _patient(content),
        *_warning(content),
        _answer(content),
        *_referral(content),
        *_second(content),
        _pictures(content, pictures),
        *_classes(content),
        *opinions(case),
        *_note(content),
        *course(case, pictures.course),
        *similar(case, pictures.similar),
        _classifier(content),
        _limits(content),
        seal(issue),
        *_replaced(content, case),
    ]
    return [flowable for block in blocks for flowable in (block, Spacer(0, GAP))][:-1]


def _heading(content: ReportContent, logo: Picture | None, issue: Issue | None) -> Flowable:
    return heading(
        Heading(content.clinic, content.address, content.title, "Date of analysis", content.date), logo, issue
    )


def _patient(content: ReportContent) -> Flowable:
    patient = [text("Patient", styles.NAME_OF_FACT), text(content.patient, styles.PATIENT)]
    share = WIDTH * 0.155
    columns = [patient, *(fact(each) for each in content.facts)]
    return Table(
        [columns],
        colWidths=[WIDTH - share * len(content.facts), *[share] * len(content.facts)],
        style=[*TIGHT, ("RIGHTPADDING", (0, 0), (0, 0), 16)],
    )


def _warning(content: ReportContent) -> Iterator[Flowable]:
    if content.warning:
        lines = [text(f"{caution.problem} {caution.remedy}", styles.BODY) for caution in content.cautions]
        yield panel([[[text(content.warning, styles.CAUTION_TITLE), *lines]]], [WIDTH], caution=True)


def _answer(content: ReportContent) -> Flowable:
    words: list[Flowable] = [
        text("Most likely class" if content.malignancy else "Not accepted", styles.HEADING),
        text(content.most_likely, styles.ANSWER),
        text(content.certainty, styles.BODY),
    ]
    if content.stability:
        words.append(text(content.stability.text, styles.STRONG if content.stability.caution else styles.BODY))
    if content.threshold:
        words += [Spacer(0, 4), text(content.threshold, styles.SMALL if content.malignancy else styles.STRONG)]
    if not content.malignancy:
        return panel([[words]], [WIDTH])
    figure = [
        text("Malignancy", styles.HEADING),
        text(content.malignancy, styles.FIGURE),
        text(content.malignancy_meaning, styles.SMALL),
    ]
    return panel([[figure, words]], [WIDTH * 0.36, WIDTH * 0.64])


def _referral(content: ReportContent) -> Iterator[Flowable]:
    """Give each setting a row: the call, how good such calls were, and what they are worth."""
    if content.referral is None:
        return
    names = ("Refer or not", "Sensitivity", "Specificity", "PPV", "NPV")
    rows: list[list[Any]] = [[text(names[0], styles.HEADING), *(text(name, styles.SMALL) for name in names[1:])]]
    for at in content.referral.settings:
        figures = (at.sensitivity, at.specificity, at.ppv, at.npv)
        rows.append([text(at.sentence, styles.STRONG), *(text(figure, styles.BODY) for figure in figures)])
    widths = [WIDTH * share for share in (0.46, 0.2, 0.2, 0.07, 0.07)]
    table = Table(rows, colWidths=widths, style=RULED)
    basis = f"{content.referral.basis} {content.referral.prevalence}"
    yield KeepTogether([table, Spacer(0, 3), text(basis, styles.SMALL)])


def _second(content: ReportContent) -> Iterator[Flowable]:
    """Give each reading a column, and say below what differs."""
    if content.second is None:
        return
    readings = [
        fact(Fact(reading.source, reading.figures)) for reading in (content.second.alone, content.second.weighed)
    ]
    yield KeepTogether(
        [
            text(content.second.title, styles.HEADING),
            Table(
                [readings],
                colWidths=[WIDTH * 0.46, WIDTH * 0.54],
                style=[*TIGHT, ("RIGHTPADDING", (0, 0), (0, 0), 16)],
            ),
            Spacer(0, 3),
            *(text(change, styles.STRONG) for change in content.second.changes),
            Spacer(0, 3),
            text(content.second.explanation, styles.SMALL),
        ]
    )


def _pictures(content: ReportContent, pictures: Pictures) -> Flowable:
    both = [
        FramedPicture(pictures.photograph, COLUMN, PICTURE_HEIGHT, content.frame),
        FramedPicture(pictures.heatmap, COLUMN, PICTURE_HEIGHT),
    ]
    captions = [text(content.photograph_caption, styles.SMALL), text(content.heatmap_caption, styles.SMALL)]
    return Table(
        [both, captions],
        colWidths=[COLUMN + COLUMN_GAP, COLUMN],
        style=[*TIGHT, ("RIGHTPADDING", (0, 1), (0, 1), COLUMN_GAP), ("TOPPADDING", (0, 1), (-1, 1), 4)],
    )


def _classes(content: ReportContent) -> Iterator[Flowable]:
    if not content.classes:
        return
    further = [content.second.title] if content.second else []
    widths = [WIDTH * share for share in ((0.43, 0.11, 0.24, 0.1, 0.12) if further else (0.45, 0.13, 0.31, 0.11))]
    titles = ["Photograph alone" if further else "Probability", *further]
    rows: list[list[Any]] = [
        [
            text("Probabilities of all classes", styles.HEADING),
            "",
            "",
            *(text(each, styles.SMALL_RIGHT) for each in titles),
        ]
    ]
    rows += [_class(each, widths[2] - 8, leading=each.name == content.most_likely) for each in content.classes]
    yield KeepTogether([Table(rows, colWidths=widths, style=RULED)])


def _class(each: ClassShare, width: float, *, leading: bool) -> list[Any]:
    figures = [text(each.percent, styles.RIGHT_STRONG if leading else styles.RIGHT)]
    if each.with_patient:
        figures.append(text(each.with_patient, styles.RIGHT))
    return [
        text(each.name, styles.STRONG if leading else styles.BODY),
        text("malignant" if each.malignant else "benign", styles.SMALL),
        Bar(each.share, width, styles.ACCENT if each.malignant else styles.ACCENT_PALE),
        *figures,
    ]


def _note(content: ReportContent) -> Iterator[Flowable]:
    if content.note:
        first, *rest = (text(line, styles.BODY) for line in content.note)
        yield KeepTogether([text("Note", styles.HEADING), first])
        yield from rest


def _classifier(content: ReportContent) -> Flowable:
    lines: list[Flowable] = [
        text("Classifier", styles.HEADING),
        text(content.classifier, styles.STRONG),
        text(content.measured_on, styles.BODY),
    ]
    if content.figures:
        lines += [Spacer(0, 4), Table([[fact(each) for each in content.figures]], style=TIGHT)]
    if content.ground:
        sentences = " ".join(_marked(remark) for remark in content.ground)
        lines += [Spacer(0, 4), Paragraph(sentences, styles.BODY)]
    return KeepTogether(lines)


def _limits(content: ReportContent) -> Flowable:
    return KeepTogether(
        [
            text("Limits", styles.HEADING),
            *(text(limit, styles.BODY) for limit in content.limits),
            Spacer(0, 4),
            Paragraph(f"<b>{markup(content.purpose)}</b> {markup(content.disclaimer)}", styles.BODY),
        ]
    )


def _replaced(content: ReportContent, case: Case) -> Iterator[Flowable]:
    said = [line for opinion in case.opinions for line in (opinion.source, *opinion.note)]
    of = [case.course.lesion] if case.course else []
    if not all(map(writable, (content.clinic, *content.address, content.patient, *content.note, *said, *of))):
        remark = f"{REPLACEMENT} stands for a character that this report has no letter for."
        yield text(remark, styles.SMALL)


def _marked(remark: Remark) -> str:
    return f"<b>{markup(remark.text)}</b>" if remark.caution else markup(remark.text)
