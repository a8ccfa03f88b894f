"""What people did about agreements, over HTTP: amendments, choices, notices, checks."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Path, Response

from app.records.engine import Session
from app.usecases import amendments, decisions, notices, verifications
from app.usecases.act_forms import (
    AcknowledgementForm,
    AmendmentForm,
    DecisionForm,
    GivenNoticeForm,
    ReceiptForm,
    VerificationForm,
    WithdrawalForm,
)
from app.usecases.acts import ActKind
from app.usecases.answers import Answer
from app.usecases.dossiers import Dossiers
from app.usecases.told import CLAUSES, checksum_of, clauses_checked
from app.usecases.verifications import verification_on
from app.web.api.act_shapes import (
    AcknowledgementOut,
    AmendmentList,
    AmendmentOut,
    DecisionOut,
    NoticeList,
    NoticeOut,
    VerificationList,
    acknowledgement_out,
    amendment_out,
    decision_out,
    notice_out,
    verifications_out,
)
from app.web.api.examples import (
    ACKNOWLEDGEMENT,
    AMENDMENT,
    DECISION,
    NOTICE,
    RECEIPT,
    VERIFICATION,
    WITHDRAWAL,
)
from app.web.api.preconditions import ETAG, IfMatch, etag_of, versions_of
from app.web.api.repeats import IdempotencyKey, done_once
from app.web.api.shapes import answer, verification_out
from app.web.deps import Desk, GuardedRoute, Reader, TeamMember, Writer
from app.web.errors import documented

router = APIRouter(
    prefix="/api/v1/agreements/{agreement_id}",
    tags=["what people did"],
    route_class=GuardedRoute,
    responses=documented(401, 403, 404, 409, 422, 503),
)

Number = Annotated[int, Path(ge=1, le=1_000_000)]
_BODY = documented(413, 415)


@router.get(
    "/terms/{number}/decision",
    response_model=DecisionOut,
    responses={200: {"headers": ETAG}},
    summary="Read the decision about a term",
)
def read_decision(agreement_id: UUID, number: Number, desk: Reader) -> Response:
    """Return what each team chose for a term, and whether that settles it."""
    with desk.reading() as session:
        decided = decisions.decision(session, agreement_id, number)
    return answer(decision_out(decided), headers={"ETag": etag_of(decided.version)})


@router.put(
    "/terms/{number}/decision",
    response_model=DecisionOut,
    responses=_BODY | documented(412, 428) | {200: {"headers": ETAG}},
    summary="Record a team's side of a decision",
)
def decide(
    agreement_id: UUID,
    number: Number,
    form: Annotated[DecisionForm, Body(openapi_examples=DECISION)],
    desk: TeamMember,
    if_match: IfMatch = None,
) -> Response:
    """Record what one team chooses for a term.

    `If-Match` is needed by a team that replaces its own choice; when it is given, it counts.
    """
    versions = None if if_match is None else versions_of(if_match)
    with desk.writing() as session:
        decided = decisions.decide(
            session,
            agreement_id,
            number,
            form,
            versions,
            actor=desk.actor,
            today=desk.today,
            now=desk.now,
        )
    return answer(decision_out(decided), headers={"ETag": etag_of(decided.version)})


@router.post(
    "/terms/{number}/acknowledgement",
    status_code=201,
    response_model=AcknowledgementOut,
    responses=_BODY,
    summary="Acknowledge a missed deadline",
)
def acknowledge(
    agreement_id: UUID,
    number: Number,
    form: Annotated[AcknowledgementForm, Body(openapi_examples=ACKNOWLEDGEMENT)],
    desk: TeamMember,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that somebody saw it: the work list lets go of it."""

    def do(session: Session) -> Answer:
        done = decisions.acknowledge(
            session,
            agreement_id,
            number,
            form,
            actor=desk.actor,
            today=desk.today,
            now=desk.now,
        )
        return _created(acknowledgement_out(done))

    request = f"acknowledge\n{agreement_id}\n{number}\n{form.model_dump_json()}"
    return done_once(desk, idempotency_key, request, do)


@router.get("/notices", response_model=NoticeList, summary="List notices")
def every_notice(agreement_id: UUID, desk: Reader) -> Response:
    """Return the notices that were given, each judged by the clause in force."""
    with desk.reading() as session:
        found = notices.every_notice(Dossiers(session).by_id(agreement_id))
    return answer({"items": [notice_out(one) for one in found]})


@router.post(
    "/notices",
    status_code=201,
    response_model=NoticeOut,
    responses=_BODY,
    summary="Record a notice",
)
def give(
    agreement_id: UUID,
    form: Annotated[GivenNoticeForm, Body(openapi_examples=NOTICE)],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Record a notice that was sent or received; the answer says which term it ends."""

    def do(session: Session) -> Answer:
        given = notices.give(
            session, agreement_id, form, actor=desk.actor, today=desk.today, now=desk.now
        )
        return _created(notice_out(given))

    request = f"notice\n{agreement_id}\n{form.model_dump_json()}"
    return done_once(desk, idempotency_key, request, do)


@router.post(
    "/notices/{number}/receipt",
    status_code=201,
    response_model=NoticeOut,
    responses=_BODY,
    summary="Record that a notice arrived",
)
def receive(
    agreement_id: UUID,
    number: Number,
    form: Annotated[ReceiptForm, Body(openapi_examples=RECEIPT)],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Record the day a notice arrived; it is judged by that day from now on."""

    def do(session: Session) -> Answer:
        received = notices.receive(
            session,
            agreement_id,
            number,
            form,
            actor=desk.actor,
            today=desk.today,
            now=desk.now,
        )
        return _created(notice_out(received))

    request = f"receipt\n{agreement_id}\n{number}\n{form.model_dump_json()}"
    return done_once(desk, idempotency_key, request, do)


@router.post(
    "/notices/{number}/withdrawal",
    status_code=204,
    responses=_BODY,
    summary="Take a notice back",
)
def withdraw_notice(
    agreement_id: UUID,
    number: Number,
    form: Annotated[WithdrawalForm, Body(openapi_examples=WITHDRAWAL)],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that a notice was recorded in error, or taken back by agreement; both stay on record."""
    return _withdraw(desk, agreement_id, ActKind.NOTICE, number, form, idempotency_key)


@router.get("/amendments", response_model=AmendmentList, summary="List amendments")
def every_amendment(agreement_id: UUID, desk: Reader) -> Response:
    """Return the amendments that were not withdrawn."""
    with desk.reading() as session:
        dossier = Dossiers(session).by_id(agreement_id)
    found = dossier.acts.standing(ActKind.AMENDMENT)
    return answer({"items": [amendment_out(done) for done in found]})


@router.post(
    "/amendments",
    status_code=201,
    response_model=AmendmentOut,
    responses=_BODY,
    summary="Record an amendment",
)
def amend(
    agreement_id: UUID,
    form: Annotated[AmendmentForm, Body(openapi_examples=AMENDMENT)],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Record what the parties agreed on later; dates before it takes effect stay as they were."""

    def do(session: Session) -> Answer:
        _, done = amendments.amend(
            session, agreement_id, form, actor=desk.actor, today=desk.today, now=desk.now
        )
        return _created(amendment_out(done))

    request = f"amendment\n{agreement_id}\n{form.model_dump_json()}"
    return done_once(desk, idempotency_key, request, do)


@router.post(
    "/amendments/{number}/withdrawal",
    status_code=204,
    responses=_BODY,
    summary="Take an amendment back",
)
def withdraw_amendment(
    agreement_id: UUID,
    number: Number,
    form: Annotated[WithdrawalForm, Body(openapi_examples=WITHDRAWAL)],
    desk: Writer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that an amendment was recorded in error; both stay on record."""
    return _withdraw(desk, agreement_id, ActKind.AMENDMENT, number, form, idempotency_key)


@router.get("/verifications", response_model=VerificationList, summary="List checks of clauses")
def every_verification(agreement_id: UUID, desk: Reader) -> Response:
    """Return who checked which clause against the contract, and what that amounts to today."""
    with desk.reading() as session:
        dossier = Dossiers(session).by_id(agreement_id)
    months = desk.settings.verification_months
    state = verification_on(clauses_checked(dossier), desk.today, months)
    reads = {clause: checksum_of(dossier.row, dossier.acts, clause) for clause in CLAUSES}
    return answer({**verification_out(state), "items": verifications_out(dossier, reads)})


@router.post(
    "/verifications",
    status_code=201,
    response_model=VerificationList,
    responses=_BODY,
    summary="Record a check of a clause",
)
def verify(
    agreement_id: UUID,
    form: Annotated[VerificationForm, Body(openapi_examples=VERIFICATION)],
    desk: TeamMember,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Record that a clause was checked against the contract, as it reads now."""

    def do(session: Session) -> Answer:
        dossier, _ = verifications.verify_clause(
            session, agreement_id, form, actor=desk.actor, today=desk.today, now=desk.now
        )
        months = desk.settings.verification_months
        state = verification_on(clauses_checked(dossier), desk.today, months)
        reads = {clause: checksum_of(dossier.row, dossier.acts, clause) for clause in CLAUSES}
        return _created({**verification_out(state), "items": verifications_out(dossier, reads)})

    request = f"verification\n{agreement_id}\n{form.model_dump_json()}"
    return done_once(desk, idempotency_key, request, do)


@router.post(
    "/verifications/{number}/withdrawal",
    status_code=204,
    responses=_BODY,
    summary="Take a check back",
)
def withdraw_verification(
    agreement_id: UUID,
    number: Number,
    form: Annotated[WithdrawalForm, Body(openapi_examples=WITHDRAWAL)],
    desk: TeamMember,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that a check was recorded in error; both stay on record."""
    return _withdraw(desk, agreement_id, ActKind.VERIFICATION, number, form, idempotency_key)


def _created(content: object) -> Answer:
    return Answer(201, orjson.dumps(content).decode())


def _withdraw(
    desk: Desk,
    agreement_id: UUID,
    kind: ActKind,
    number: int,
    form: WithdrawalForm,
    idempotency_key: str | None,
) -> Response:
    def do(session: Session) -> Answer:
        amendments.withdraw(
            session,
            agreement_id,
            kind,
            number,
            form,
            actor=desk.actor,
            today=desk.today,
            now=desk.now,
        )
        return Answer(204, "")

    request = f"withdrawal\n{agreement_id}\n{kind}\n{number}\n{form.model_dump_json()}"
    return done_once(desk, idempotency_key, request, do)
