package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// next is the file of a key that is not in use yet.
func (d Folder) next(what bundle.Purpose) string { return d.Key(what) + ".next" }

// Former is the file of the key that gave way in a hand-over.
func (d Folder) Former(h bundle.HandOver) string {
	return fmt.Sprintf("%s.%s.%s", d.Key(h.What), h.At.Format("20060102T150405Z"), h.Old.Thumbprint()[:8])
}

// HandOver has the key of a purpose give way to a new one: the one in a token or a file
// that to names, or where that is empty one that is made. The old one and the operator
// sign that it is so; c is what [Folder.Config] gave. No server may have the registry
// open. Where it fails before anything is announced, nothing has changed.
//
// It puts the next key beside the one in use, then makes the hand-over, then
// a head signed with the new key, and then the next key's file the one in use. A
// crash after the first of these leaves a key that nobody has heard of; after the
// others, finish goes on from there when the folder is opened next.
func (d Folder) HandOver(c registry.Config, what bundle.Purpose, operator *envelope.Signer, to string) (h bundle.HandOver, err error) {
	origin := c.Log.Key().Name()
	if to != "" {
		if err := tryKey(to); err != nil {
			return h, fmt.Errorf("-to: %w", err)
		}
	}
	text, err := keyText(to)
	if err != nil {
		return h, err
	}
	announced := false
	err = registry.Rekey(d.Registry(), c, func(t bundle.Trust, at time.Time) (next registry.Config, err error) {
		if !slices.ContainsFunc(t.OperatorKeys, func(k verify.JWK) bool { return k == operator.Key().JWK() }) {
			return next, fmt.Errorf("%s is no operator key that entry 0 names, and no trust file would follow it", operator.Key().ID())
		}
		if err := os.Remove(d.next(what)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return next, err
		}
		if err := putKey(d.next(what), text); err != nil {
			return next, err
		}
		defer func() {
			if !announced {
				err = errors.Join(err, os.Remove(d.next(what)))
			}
		}()
		if next, err = d.signers(origin, what, d.next(what)); err != nil {
			return next, err
		}
		if h, err = d.seal(t, what, at, operator); err != nil {
			return next, err
		}
		announced = true // or partly so: then finish knows what to do
		return next, WriteDurably(d.HandOvers(), bundle.MarshalHandOvers(append(slices.Clone(c.HandOvers), h)))
	})
	if announced && err != nil {
		err = fmt.Errorf("%w; the hand-over may be announced already: then it is ended when the registry is opened next", err)
	}
	if err != nil {
		return h, err
	}
	return h, d.use(h)
}

// seal makes a hand-over of the key in use to the next, which a trust file follows.
func (d Folder) seal(t bundle.Trust, what bundle.Purpose, at time.Time, operator *envelope.Signer) (h bundle.HandOver, err error) {
	private, err := ReadKey(d.Key(what))
	if err != nil {
		return h, err
	}
	old, err := envelope.SignerFrom(private)
	if err != nil {
		return h, err
	}
	next, err := ReadKey(d.next(what))
	if err != nil {
		return h, err
	}
	h, err = bundle.SealHandOver(bundle.HandOver{
		Origin: t.Origin, What: what, Old: old.Key().JWK(), New: publicJWK(next), At: at,
	}, old, operator)
	if err == nil {
		_, err = t.Follow(h)
	}
	return h, err
}

// finish ends a hand-over that was announced and not ended: the last of its
// purpose names a key that is not the one in use.
func (d Folder) finish(origin string, all []bundle.HandOver) error {
	for i, h := range slices.Backward(all) {
		if slices.ContainsFunc(all[i+1:], func(later bundle.HandOver) bool { return later.What == h.What }) {
			continue
		}
		private, err := ReadKey(d.Key(h.What))
		if err != nil {
			return err
		}
		if publicJWK(private) == h.New {
			continue
		}
		next, err := d.readNext(h.What)
		if err != nil {
			return err
		}
		if publicJWK(private) != h.Old || next != h.New {
			return fmt.Errorf("%s: it is not the %s key %s, which %s says is in use since %s: put that key there (mode 600)",
				d.Key(h.What), h.What, h.New.Thumbprint(), d.HandOvers(), h.At.Format(time.RFC3339))
		}
		if err := d.rekey(origin, h, all[:i]); err != nil {
			return fmt.Errorf("the hand-over of the %s key was cut short and has to be ended: %w", h.What, err)
		}
		if err := d.use(h); err != nil {
			return err
		}
	}
	return nil
}

// readNext describes the key that is not in use yet; none, where there is none.
func (d Folder) readNext(what bundle.Purpose) (verify.JWK, error) {
	if _, err := os.Lstat(d.next(what)); errors.Is(err, fs.ErrNotExist) {
		return verify.JWK{}, nil
	}
	key, err := ReadKey(d.next(what))
	if err != nil {
		return verify.JWK{}, fmt.Errorf("the hand-over of the %s key was cut short and has to be ended: %w", what, err)
	}
	return publicJWK(key), nil
}

// rekey signs the head with the new key, unless that is done already.
func (d Folder) rekey(origin string, h bundle.HandOver, before []bundle.HandOver) error {
	to, err := d.signers(origin, h.What, d.next(h.What))
	if err != nil {
		return err
	}
	old, err := d.signers(origin, "", "")
	if err != nil {
		return err
	}
	old.HandOvers = before
	err = registry.Rekey(d.Registry(), old, func(bundle.Trust, time.Time) (registry.Config, error) { return to, nil })
	if !errors.Is(err, registry.ErrDamaged) {
		return err
	}
	r, opened := registry.Open(d.Registry(), to)
	if opened != nil {
		return errors.Join(err, opened)
	}
	return r.Close()
}

// use makes the next key's file the one in use, and keeps the old one under
// another name. The file in use is there at every moment.
func (d Folder) use(h bundle.HandOver) error {
	if err := os.Link(d.Key(h.What), d.Former(h)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(d.next(h.What), d.Key(h.What)); err != nil {
		return err
	}
	return Sync(string(d))
}

// readHandOvers reads what was handed over in this folder, if anything was.
func (d Folder) readHandOvers() ([]bundle.HandOver, error) {
	text, err := os.ReadFile(d.HandOvers())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := bundle.ParseHandOvers(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.HandOvers(), err)
	}
	return all, nil
}
