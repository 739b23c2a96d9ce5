package envelope

import (
	"crypto/rand"
	"encoding/json"

	"tegata/verify"
)

// SealStatement signs a statement, and gives it an id where it has none.
func (s *Signer) SealStatement(said verify.Statement) ([]byte, error) {
	if said.ID == "" {
		var random [10]byte
		rand.Read(random[:])
		said.ID = verify.NewID(said.Made, random)
	}
	payload, err := json.Marshal(said)
	if err != nil {
		return nil, err
	}
	token, err := s.Seal(payload)
	return []byte(token), err
}
