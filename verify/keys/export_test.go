//go:build cgo

package keys

import (
	"crypto"
	"time"
)

// CloseSessions has a token forget all sessions and logins, as one does that is
// reset.
func CloseSessions(key crypto.Signer) error {
	k := key.(*tokenKey)
	slot, _, err := k.lib.slot(k.uri)
	if err != nil {
		return err
	}
	return k.lib.CloseAllSessions(slot)
}

// SetTime sets how long a token may take to sign.
func SetTime(key crypto.Signer, limit time.Duration) { key.(*tokenKey).time = limit }

// Late is how many signatures are under way that took too long.
func Late(key crypto.Signer) int { return int(key.(*tokenKey).late.Load()) }

// ParsePoint reads a public key as tokens have it.
func ParsePoint(kind uint64, curve, point []byte) (crypto.PublicKey, error) {
	return parsePoint(kind, curve, point)
}
