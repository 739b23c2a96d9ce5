package registry

import (
	"bytes"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/match"
	"tegata/verify/tlog"
)

// A row is one row of an index: that the entry it was made from says the key.
type row struct {
	bucket, key []byte
	bare        bool // the entry's index is part of the key, and the value is empty
}

// rows returns every index row that an entry makes. Append writes them, Audit
// wants them to be there and nothing else.
func rows(e logged) []row {
	out := make([]row, 0, 12)
	add := func(bucket []byte, parts ...string) {
		var key []byte
		for i, p := range parts {
			if i > 0 {
				key = append(key, 0)
			}
			key = append(key, p...)
		}
		out = append(out, row{bucket: bucket, key: key})
	}
	code := string(e.Code)
	if e.Kind.AboutCode() || code != "" {
		out = append(out, row{codeBucket, append([]byte(code), number(e.Index)...), true})
	} else {
		out = append(out, row{govBucket, number(e.Index), true})
	}
	if mayStand(e.Kind) && code != "" {
		out = append(out, row{standingBucket, append([]byte(code), number(e.Index)...), true})
	}
	add(idBucket, e.ID)
	if e.status != tlog.NoStatus {
		out = append(out, row{bucket: statusBucket, key: number(e.status)})
	}
	names := func(n verify.Text) {
		for _, s := range []string{n.EN, n.JA} {
			if s != "" {
				add(holderBucket, match.Name(s), code)
			}
		}
	}
	for _, item := range verify.TradeItems(e.Statement) {
		add(gtinBucket, string(item), code)
	}
	for _, m := range verify.Models(e.Statement) {
		add(modelBucket, match.Model(m.Model), code)
	}
	switch b := e.Body.(type) {
	case *verify.Issued:
		add(numberBucket, string(verify.JCSTAR), b.Label.Number)
		names(b.Label.Holder.Name)
		if basis := b.Label.Basis.Declaration; basis != "" {
			add(basisBucket, string(basis), code)
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
		if bytes.Equal(r.bucket, bucket) && bytes.Equal(r.key, key) {
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
				if bytes.Equal(r.bucket, basisBucket) && basis.Get(r.key) == nil {
					if err := basis.Put(r.key, number(index)); err != nil {
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
	if bytes.Equal(bucket, codeBucket) || bytes.Equal(bucket, govBucket) || bytes.Equal(bucket, standingBucket) {
		if len(key) < 8 || len(value) != 0 {
			return 0, false
		}
		return parseNumber(key[len(key)-8:])
	}
	return parseNumber(value)
}
