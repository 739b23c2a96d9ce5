package registry

import (
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// LogKey is the key that checkpoints are signed with.
func (r *Registry) LogKey() tlog.LogKey {
	if r.Mirror() {
		return r.config.Original.Trust().LogKeys[0].Key
	}
	return r.config.Log.Key()
}

// CosignerKey is the key that checkpoints are dated with.
func (r *Registry) CosignerKey() tlog.CosignerKey {
	if r.Mirror() {
		return r.config.Original.Trust().CosignerKeys[0].Key
	}
	return r.config.Cosigner.Key()
}

// Answer signs answers of the registry. Its public half is pinned by those who
// keep them.
func (r *Registry) Answer() *envelope.Signer { return r.config.Answer }

// key returns the key of that id, parsed, whoever's it is.
func (r *Registry) key(id verify.KeyID) (envelope.Key, bool) { return r.keyIn(r.Governance(), id) }

// keyIn is key as the log stands with what governs it.
func (r *Registry) keyIn(g *verify.Governance, id verify.KeyID) (envelope.Key, bool) {
	jwk, _, ok := g.KeyOf(id)
	if !ok {
		return envelope.Key{}, false
	}
	if k, ok := r.keys.Load(id); ok {
		return k.(envelope.Key), true
	}
	k, err := envelope.ParseKey(jwk)
	if err != nil {
		return envelope.Key{}, false
	}
	r.keys.Store(id, k)
	return k, true
}
