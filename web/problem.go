package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"tegata/registry"
	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

// A problem is an answer that is not what was asked for, with the reason (RFC
// 9457). Its sentences come from the catalogs.
type problem struct {
	status    int
	code      problemCode
	detail    string // what the sentence is about: a symbol, a limit; may be empty
	reason    string // for programmers, in English; may be empty
	faults    verify.Faults
	elsewhere []string // addresses to ask instead
	err       error    // for the log, never shown

	after time.Duration // after which a 503 may be another answer; 0: a few seconds

	outcome verify.Outcome  // what a record counts for, where that is why; may be empty
	reasons []verify.Reason // conditions looked at
}

func (p *problem) Error() string {
	if p.err != nil {
		return string(p.code) + ": " + p.err.Error()
	}
	return string(p.code)
}

func (p *problem) Unwrap() error { return p.err }

func (p *problem) fault(field string, rule verify.FaultRule, detail string) {
	p.faults = append(p.faults, verify.Fault{Field: field, Rule: rule, Detail: detail})
}

// A problemCode names a problem to clients: never renamed, never reused.
type problemCode string

const (
	problemBadCode   problemCode = "malformed_code"
	problemParameter problemCode = "bad_parameter"
	problemEnvelope  problemCode = "malformed_envelope"
	problemKey       problemCode = "unknown_key"
	problemSignature problemCode = "bad_signature"
	problemNotFound  problemCode = "not_found"
	problemMethod    problemCode = "method_not_allowed"
	problemTooLarge  problemCode = "body_too_large"
	problemMedia     problemCode = "unsupported_media_type"
	problemRefused   problemCode = "refused"
	problemBusy      problemCode = "busy"
	problemFull      problemCode = "disk_full"
	problemUndecided problemCode = "not_decided"
	problemServer    problemCode = "server_fault"
	problemUnread    problemCode = "unreadable_body"
	problemQuestion  problemCode = "malformed_question"
	problemGone      problemCode = "no_longer_kept"
	problemItems     problemCode = "too_many_items"
	problemList      problemCode = "malformed_list"
	problemNoArtwork problemCode = "no_signed_code"
	problemPrint     problemCode = "not_printable"
	problemQuota     problemCode = "quota_exceeded"
	problemSeveral   problemCode = "several_logs" // detail: their names
	problemReadOnly  problemCode = "read_only"    // detail: the address that takes statements

	problemNoItem       problemCode = "unknown_item"
	problemNoCredential problemCode = "no_credential"
	problemNoLink       problemCode = "no_such_link" // detail: the link type

	problemUnknownCode   problemCode = "unknown_code"
	problemNoDeclaration problemCode = "not_a_declaration"
	problemNotEligible   problemCode = "not_eligible"
	problemCounting      problemCode = "counting"
)

// Faults of parameters, beside those of statements.
const (
	faultParamTwice verify.FaultRule = "param_twice"
	faultParamAt    verify.FaultRule = "param_at"
	faultParamKnown verify.FaultRule = "param_known"
	faultParamSize  verify.FaultRule = "param_size"  // a size, where several logs are asked
	faultParamCodes verify.FaultRule = "param_codes" // none, or too many; detail: how many are taken
	faultParamAhead verify.FaultRule = "param_ahead" // known later than the head; detail: its time
	faultParamLater verify.FaultRule = "param_later" // the first moment than the second
	faultParamOne   verify.FaultRule = "param_one"   // exactly one of the parameters
	faultParamQuery verify.FaultRule = "param_query"
	faultParamShort verify.FaultRule = "param_short" // a word of one character
	faultParamMany  verify.FaultRule = "param_many"  // words
	faultParamAfter verify.FaultRule = "param_after" // not where a page ended
	faultParamSheet verify.FaultRule = "param_sheet" // a label larger than a sheet
	faultParamSince verify.FaultRule = "param_since" // no size the log has had
	faultParamPart  verify.FaultRule = "param_part"  // not where a page of changes ended
	faultParamPrint verify.FaultRule = "param_print" // detail: the status
	faultParamFits  verify.FaultRule = "param_fits"  // more records fit than are named; detail: how many are
	faultParamOther verify.FaultRule = "param_other" // the number of another record than the code; detail: the code's
	faultListNone   verify.FaultRule = "list_none"   // neither a file nor text
	faultListBoth   verify.FaultRule = "list_both"   // a file and text
	faultParamDay   verify.FaultRule = "param_day"
	faultParamOver  verify.FaultRule = "param_over" // a period that is not over
)

// problemOf says what an error is to the public. What it does not know is an
// accident, and told blandly.
func problemOf(err error) *problem {
	var (
		p     *problem
		code  *verify.CodeError
		no    *registry.Refusal
		big   *http.MaxBytesError
		busy  *registry.BusyError
		away  *sequencer.ReadOnly
		fault *sequencer.Fault
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &code):
		p = &problem{status: http.StatusBadRequest, code: problemBadCode}
		p.fault("code", code.Rule, code.Detail())
		return p
	case errors.As(err, &no):
		return &problem{status: http.StatusUnprocessableEntity, code: problemRefused, faults: no.Faults}
	case errors.As(err, &away):
		// Neither 405, since the address takes them, at the registry this is a copy
		// of; nor 421, on which a client may try the same address once more.
		return &problem{status: http.StatusForbidden, code: problemReadOnly, detail: away.Origin, elsewhere: []string{away.Origin + "/api/v1/statements"}}
	case errors.As(err, &big):
		return &problem{status: http.StatusRequestEntityTooLarge, code: problemTooLarge}
	case errors.Is(err, tlog.ErrSigner), errors.Is(err, envelope.ErrSigner): // a key of the registry's own
		return &problem{status: http.StatusServiceUnavailable, code: problemBusy, err: err}
	case errors.Is(err, envelope.ErrMalformed):
		return &problem{status: http.StatusBadRequest, code: problemEnvelope, reason: reasonOf(err, envelope.ErrMalformed)}
	case errors.Is(err, envelope.ErrKey):
		return &problem{status: http.StatusForbidden, code: problemKey, reason: reasonOf(err, envelope.ErrKey)}
	case errors.Is(err, envelope.ErrSignature):
		return &problem{status: http.StatusForbidden, code: problemSignature}
	case errors.Is(err, registry.ErrNotFound):
		return &problem{status: http.StatusNotFound, code: problemNotFound}
	case errors.Is(err, context.Canceled):
		return &problem{status: http.StatusServiceUnavailable, code: problemBusy} // nobody waits for it any more
	case errors.As(err, &busy):
		return &problem{status: http.StatusServiceUnavailable, code: problemBusy, err: err, after: busy.After}
	case errors.Is(err, registry.ErrFull): // not 507, after which a program is not to ask again by itself (RFC 4918, section 11.5)
		return &problem{status: http.StatusServiceUnavailable, code: problemFull, err: err, after: fullAfter}
	case errors.Is(err, sequencer.ErrUnavailable), errors.Is(err, registry.ErrOrder), errors.As(err, &fault):
		return &problem{status: http.StatusServiceUnavailable, code: problemUndecided, err: err}
	case errors.Is(err, registry.ErrBusy), errors.Is(err, registry.ErrClosed), errors.Is(err, syscall.ENOSPC):
		return &problem{status: http.StatusServiceUnavailable, code: problemBusy, err: err}
	case errors.Is(err, registry.ErrDamaged):
		return &problem{status: http.StatusServiceUnavailable, code: problemServer, err: err}
	default:
		return &problem{status: http.StatusInternalServerError, code: problemServer, err: err}
	}
}

// How long whoever got a 503 is to wait: a while, and for as long as it takes an
// operator to make room.
const (
	retryLeast = 5 * time.Second
	retryMost  = 5 * time.Minute
	fullAfter  = time.Minute
)

// retryAfter is that in seconds; 0 of what asking again does not change.
func (p *problem) retryAfter() int {
	if p.status != http.StatusServiceUnavailable {
		return 0
	}
	return int(math.Ceil(min(max(p.after, retryLeast), retryMost).Seconds()))
}

// reasonOf is what an error says beside the sentinel it wraps.
func reasonOf(err, sentinel error) string {
	return strings.TrimPrefix(err.Error(), sentinel.Error()+": ")
}

// unreadable is the problem of a body that did not come whole, or not in time.
func unreadable(err error) error {
	if big := (*http.MaxBytesError)(nil); errors.As(err, &big) {
		return err
	}
	if told := (*problem)(nil); errors.As(err, &told) {
		return told
	}
	p := &problem{status: http.StatusBadRequest, code: problemUnread}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.status = http.StatusRequestTimeout
	}
	return p
}

// A problemBody is a problem as application/problem+json.
type problemBody struct {
	Type   string      `json:"type,omitempty"` // absent: the title says all
	Title  string      `json:"title"`
	Status int         `json:"status"`
	Detail string      `json:"detail"`
	Code   problemCode `json:"code"`
	Reason string      `json:"reason,omitempty"` // for programmers, in English
	Faults []faultBody `json:"faults,omitempty"`

	Outcome verify.Outcome `json:"outcome,omitempty"`
	Reasons []reasonBody   `json:"reasons,omitempty"`

	RetryAfter int `json:"retry_after,omitempty"` // seconds, as the header says where there is one

	Reference string   `json:"reference,omitempty"` // the log line of an accident has the same
	Policies  []string `json:"violated-policies,omitempty"`
}

// A faultBody is a fault with its sentence.
type faultBody struct {
	Field   string           `json:"field"`
	Rule    verify.FaultRule `json:"rule"`
	Message string           `json:"message"`
}

// A reasonBody is a condition that was looked at, in words, and the sentence of
// law that it stands on, in English, as it was made.
type reasonBody struct {
	verify.Reason
	Message string `json:"message"`
	Quote   string `json:"quote,omitempty"`
}

func (p *problem) body(lang i18n.Language, reference string) problemBody {
	b := problemBody{
		Title:  lang.T("problem." + string(p.code) + ".title"),
		Status: p.status,
		Detail: lang.T("problem."+string(p.code)+".detail", p.detail),
		Code:   p.code,
		Reason: p.reason,

		Outcome: p.outcome,

		RetryAfter: p.retryAfter(),
	}
	if p.code == problemServer || p.code == problemBusy || p.code == problemFull || p.code == problemUndecided {
		b.Reference = reference
	}
	for _, r := range p.reasons {
		b.Reasons = append(b.Reasons, reasonBody{r, lang.T("rule." + string(r.Rule)), ruleOf(r.Rule).Quote})
	}
	if p.code == problemQuota { // draft-ietf-httpapi-ratelimit-headers-11, section 6.1
		b.Type, b.Policies = "https://iana.org/assignments/http-problem-types#quota-exceeded", []string{quotaName}
	}
	for _, f := range p.faults {
		b.Faults = append(b.Faults, faultBody{f.Field, f.Rule, lang.T("fault."+string(f.Rule), f.Detail)})
	}
	return b
}
