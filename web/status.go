package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

// mediaStatusList is the media type of a status list as a signed token
// (draft-ietf-oauth-status-list-21).
const mediaStatusList = "application/statuslist+jwt"

// paramTime asks for the list of the past, in Unix seconds: the draft's own
// parameter, in its own form.
const paramTime = "time"

const faultParamTime verify.FaultRule = "param_time"

// statusToken answers with a status list as the registry signs it: how every
// label and declaration that has a place in it stands now, or stood at the time
// asked about. It may be kept as long as the list itself says.
func (s *site) statusToken(r *http.Request) (exhibit, error) {
	n, list, err := s.statusListOf(r)
	if err != nil {
		return exhibit{}, err
	}
	list.Issuer, list.Sub = s.registry.Origin(), status.Address(s.url, n)
	token, err := s.registry.Answer().SealBytes(envelope.StatusList, list.Payload())
	return exhibit{file{mediaStatusList, token, listCache(list)}, http.StatusOK, fmt.Sprintf("status-%d.jwt", n)}, err
}

// statusListOf returns the list that is asked for, with its number.
func (s *site) statusListOf(r *http.Request) (n int64, list status.List, err error) {
	if n, err = parseIndex(r.PathValue("n")); err != nil {
		return 0, list, registry.ErrNotFound
	}
	at, err := s.statusTime(r.URL.RawQuery)
	if err != nil {
		return 0, list, err
	}
	list, err = s.registry.StatusList(r.Context(), n, at)
	return n, list, err
}

// listCache is how long a list may be kept: as long as it says itself.
func listCache(l status.List) string { return fmt.Sprintf("public, max-age=%d", int(l.TTL.Seconds())) }

// statusTime is the instant that is asked about, or now.
func (s *site) statusTime(query string) (time.Time, error) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values, err := url.ParseQuery(query)
	if err != nil {
		p.fault("", faultParamQuery, "") // what cannot be read may have been what matters
		return time.Time{}, p
	}
	asked := values[paramTime]
	if len(asked) == 0 {
		return s.registry.Head().Time, nil
	}
	if len(asked) > 1 {
		p.fault(paramTime, faultParamTwice, "")
		return time.Time{}, p
	}
	seconds, err := parseIndex(asked[0])
	if err != nil {
		p.fault(paramTime, faultParamTime, "")
		return time.Time{}, p
	}
	return time.Unix(seconds, 0), nil
}

// A statusBody lists the addresses of all status lists (the draft's section
// 9.3).
type statusBody struct {
	StatusLists []string `json:"status_lists"`
}

// statusAggregation answers with the addresses of all status lists, for who
// wants to have them before going offline.
func (s *site) statusAggregation(*http.Request) (view, error) {
	count, err := s.registry.StatusLists()
	if err != nil {
		return view{}, err
	}
	body := statusBody{}
	for n := range count {
		body.StatusLists = append(body.StatusLists, status.Address(s.url, n))
	}
	return view{status: http.StatusOK, body: body, tag: body}, nil
}
