package registry

import (
	"io"

	bolt "go.etcd.io/bbolt"
)

// Copy gives f the registry's file as it stands at one head, while statements go
// on being entered: the checkpoint of that head, signed and dated, and the bytes
// of the file, of which there are size. What is written of them can be opened
// once it is whole.
//
// Pages that are no longer in use cannot be used again until f returns, so the
// file grows by what is entered meanwhile. Nobody waits for it.
func (r *Registry) Copy(f func(checkpoint []byte, size int64, file io.WriterTo) error) error {
	return view(r.db, func(tx *bolt.Tx) error {
		checkpoint := append([]byte(nil), tx.Bucket(headBucket).Get(headKey)...)
		return f(checkpoint, tx.Size(), tx)
	})
}
