package registry

import (
	"bytes"
	"strings"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/match"
	"tegata/verify/tlog"
)

// A row is one row of an index: that the entry it was made from says the key.
type row struct {
	bucket []byte
	key    string
}

// bare reports whether the index of the entry is part of the key of every row of a
// bucket, and the value is empty.
func bare(bucket []byte) bool {
	return bytes.Equal(bucket, codeBucket) || bytes.Equal(bucket, govBucket) || bytes.Equal(bucket, standingBucket)
}

// valueOf is the value of a row that points at an entry.
func valueOf(bucket []byte, entry int64) []byte {
	if bare(bucket) {
		return []byte{}
	}
	return number(entry)
}

// rows returns every index row that an entry makes. Append writes them, Audit
// wants them to be there and nothing else.
func rows(e logged) []row {
	out := make([]row, 0, 12)
	add := func(bucket []byte, key string) { out = append(out, row{bucket, key}) }
	under := func(bucket []byte, name, what string) { add(bucket, name+"\x00"+what) }
	code := string(e.Code)
	if e.Kind.AboutCode() || code != "" {
		add(codeBucket, code+string(number(e.Index)))
	} else {
		add(govBucket, string(number(e.Index)))
	}
	if mayStand(e.Kind) && code != "" {
		add(standingBucket, code+string(number(e.Index)))
	}
	add(idBucket, strings.Clone(e.ID)) // all that the statement says would be kept with it
	if e.status != tlog.NoStatus {
		add(statusBucket, string(number(e.status)))
	}
	names := func(n verify.Text) {
		for _, s := range []string{n.EN, n.JA} {
			if s != "" {
				under(holderBucket, match.Name(s), code)
			}
		}
	}
	for _, item := range verify.TradeItems(e.Statement) {
		under(gtinBucket, string(item), code)
	}
	for _, m := range verify.Models(e.Statement) {
		under(modelBucket, match.Model(m.Model), code)
	}
	switch b := e.Body.(type) {
	case *verify.Issued:
		under(numberBucket, string(verify.JCSTAR), b.Label.Number)
		names(b.Label.Holder.Name)
		if basis := b.Label.Basis.Declaration; basis != "" {
			under(basisBucket, string(basis), code)
		}
	case *verify.Published:
		for _, p := range b.Declaration.Parties {
			names(p.Name)
		}
	case *verify.Amended:
		if b.Holder != nil {
			names(b.Holder.Name)
		}
	}
	return out
}

// mayStand reports whether a statement of the kind may make a list say of its
// record that it is other than valid, by itself. What a kind that is not known
// does is not known.
func mayStand(k verify.Kind) bool {
	return k == verify.LabelStatus || k == verify.DeclarationWithdrawn || k == verify.MeasureTaken || !k.Known()
}

// says reports whether an entry makes the row of that key.
func says(e logged, bucket, key []byte) bool {
	for _, r := range rows(e) {
		if bytes.Equal(r.bucket, bucket) && r.key == string(key) {
			return true
		}
	}
	return false
}

// remake makes the index of what rests on declarations, where the file is of a time
// before there was one. An entry that cannot be read has no rows: who reads it
// says so.
func remake(db *bolt.DB) error {
	there := false
	err := view(db, func(tx *bolt.Tx) error {
		there = tx.Bucket(basisBucket) != nil || tx.Bucket(entryBucket) == nil
		return nil
	})
	if err == nil && !there {
		err = checkWhole(db, nil)
	}
	if err != nil || there {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		basis, err := tx.CreateBucket(basisBucket)
		if err != nil {
			return err
		}
		return tx.Bucket(entryBucket).ForEach(func(k, raw []byte) error {
			index, ok := parseNumber(k)
			e, err := parseLogged(index, raw)
			if !ok || err != nil {
				return nil
			}
			for _, r := range rows(e) {
				if bytes.Equal(r.bucket, basisBucket) && basis.Get([]byte(r.key)) == nil {
					if err := basis.Put([]byte(r.key), number(index)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}

// rowOf returns the index of the entry that a row of the file points at.
func rowOf(bucket, key, value []byte) (int64, bool) {
	if bare(bucket) {
		if len(key) < 8 || len(value) != 0 {
			return 0, false
		}
		return parseNumber(key[len(key)-8:])
	}
	return parseNumber(value)
}
