package credential

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

// Parse reads the payload of a credential of a label or declaration whose
// signature has been verified, as this package writes it. The error is
// [envelope.ErrMalformed] with every fault.
func Parse(payload []byte) (c Credential, err error) {
	if err := envelope.Decode(payload, &c); err != nil {
		return Credential{}, fmt.Errorf("credential: %w", err)
	}
	var faults []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	add(!slices.Equal(c.Context, []string{contextW3C, contextUNTP}), "@context: not those of UNTP %s", UNTP)
	add(!slices.Contains(c.Type, "DigitalConformityCredential"), "type: no conformity credential")
	add(!strings.HasPrefix(c.Issuer.ID, "did:web:"), "issuer.id: %.80q", c.Issuer.ID)
	add(c.IssuedAt <= 0, "iat: missing")
	add(c.ValidFrom.IsZero() || !c.ValidFrom.Before(c.ValidUntil), "validUntil: missing, or not after validFrom")
	add(c.Subject.Name == "" || c.Subject.IssuedTo.Name == "", "credentialSubject: nothing is attested to anybody")
	_, err = c.Place()
	add(err != nil, "credentialStatus: %v", err)
	if len(faults) > 0 {
		return Credential{}, fmt.Errorf("credential: %w: %s", envelope.ErrMalformed, strings.Join(faults, "; "))
	}
	return c, nil
}

// Scheme is the scheme that the label or declaration is of.
func (c Credential) Scheme() verify.Scheme {
	if slices.ContainsFunc(c.Subject.Assessment, func(a Assessment) bool { return a.Regulation != nil }) {
		return verify.PSTI
	}
	return verify.JCSTAR
}

// Place is where the credential stands in all status lists, counted through. The
// error says that its entries name no place, or not the same.
func (c Credential) Place() (place int64, err error) {
	for i, p := range status.Purposes {
		if len(c.Status) != len(status.Purposes) || c.Status[i].Purpose != p {
			return 0, fmt.Errorf("not one entry for each of %v", status.Purposes)
		}
		at, err := placeOf(c.Status[i])
		if err != nil || i > 0 && at != place {
			return 0, fmt.Errorf("entry %d names no place, or another: %.100q", i, c.Status[i].ID)
		}
		place = at
	}
	return place, nil
}

func placeOf(e Entry) (int64, error) {
	list, ok := strings.CutSuffix(e.List, "/"+string(e.Purpose))
	n, err := status.List{Sub: list}.Number()
	index, bad := strconv.ParseInt(e.Index, 10, 64)
	if !ok || err != nil || bad != nil || index < 0 || index >= status.ListSize || n > (1<<53)/status.ListSize || e.Index != strconv.FormatInt(index, 10) {
		return 0, fmt.Errorf("%.100q", e.ID)
	}
	return n*status.ListSize + index, nil
}
