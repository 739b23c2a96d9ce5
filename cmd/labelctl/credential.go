package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"time"

	"tegata/verify/credential"
	"tegata/verify/envelope"
	statuslist "tegata/verify/status"
	"tegata/web/headline"
	"tegata/web/i18n"
)

// credentialed reports whether a file says of itself that it is a Verifiable
// Credential.
func credentialed(token []byte) bool {
	header, _, _ := bytes.Cut(token, []byte("."))
	text, err := base64.RawURLEncoding.DecodeString(string(header))
	return err == nil && bytes.Contains(text, []byte(`"vc+jwt"`))
}

// A credentialRead is what was found out about a credential, for machines.
type credentialRead struct {
	Credential json.RawMessage    `json:"credential"`
	At         time.Time          `json:"at"` // the moment in question
	Outcome    statuslist.Outcome `json:"outcome"`
	Listed     statuslist.Outcome `json:"listed,omitempty"` // what the list said
	AsOf       time.Time          `json:"as_of,omitzero"`   // when the list said so
}

// credential says what a credential attests, and how it stands now by the status
// list that is here, if one is: that of the registry, of which the lists of bits
// that a credential names are made.
func (e *exhibit) credential(token []byte) error {
	payload, err := e.attested(token)
	if err != nil {
		return notHeld{err}
	}
	c, err := credential.Parse(payload)
	if err != nil {
		return notHeld{err}
	}
	place, err := c.Place()
	if err != nil {
		return notHeld{err}
	}
	var list *statuslist.List
	if e.known {
		if list, err = e.statusList(e.status, e.trust); err != nil {
			return err
		}
	}
	now := e.now().UTC().Truncate(time.Second)
	if e.credentialAt != "" {
		if now, err = moment(e.credentialAt, c.Scheme().Home().Zone()); err != nil {
			return err
		}
	}
	r := statuslist.CheckPlace(place, c.ValidUntil, list, now)
	if e.json {
		if err := json.NewEncoder(e.out).Encode(credentialRead{payload, now, r.Outcome, r.Listed, r.AsOf}); err != nil {
			return err
		}
	} else {
		e.tellCredential(c)
	}
	e.signed()
	switch stands := e.stands(c, r); {
	case !e.known:
		return nil
	case now.Before(c.ValidFrom):
		return notHeldf("%s", e.T("credential.not_yet", e.at(c.ValidFrom)))
	case r.Outcome != statuslist.ReadValid:
		return notHeldf("%s", stands)
	case !e.json:
		e.print("")
		e.print(stands)
		e.note("reading.limits")
	}
	return nil
}

// attested is the payload of a credential: where there is a trust file, by a key
// that it names.
func (e *exhibit) attested(token []byte) ([]byte, error) {
	if !e.known {
		t, err := envelope.OpenAs(envelope.Credential, token)
		return t.Payload, err
	}
	payload, _, err := e.trust.OpenCredential(token)
	return payload, err
}

func (e *exhibit) tellCredential(c credential.Credential) {
	e.print(e.T("credential.says", c.Issuer.Name, e.at(time.Unix(c.IssuedAt, 0))))
	e.print("")
	e.print("  " + c.Subject.Name)
	e.print("  " + c.Subject.Description) // in English, as it was signed
	to, days := e.T("credential.to"), e.T("credential.days", e.at(c.ValidFrom), e.at(c.ValidUntil))
	e.print("  " + to + ": " + c.Subject.IssuedTo.Name)
	e.print("  " + days)
}

// stands is what can be said without network of how it stands.
func (e *exhibit) stands(c credential.Credential, r statuslist.Reading) string {
	switch r.Outcome {
	case statuslist.ReadPast:
		return e.T("credential.past", e.at(c.ValidUntil))
	case statuslist.ReadNotListed:
		return e.T("credential.not_listed")
	}
	return headline.OfReading(i18n.Language(e.lang), r.Outcome, e.at(r.AsOf), "").Sentence
}
