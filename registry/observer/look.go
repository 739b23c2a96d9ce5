package observer

import (
	"context"
	"fmt"
	"time"

	"tegata/registry"
	"tegata/verify"
)

// A Looked is what one visit to one link of a declaration found, and what became
// of it.
type Looked struct {
	URL      string          `json:"url"`
	Language string          `json:"language,omitempty"`
	Media    string          `json:"media,omitempty"`
	Bytes    int64           `json:"bytes,omitempty"`
	Found    verify.Observed `json:"found,omitzero"` // of no seen: nothing can be said of it
	Said     bool            `json:"said"`           // entered in the log
	Wait     time.Duration   `json:"wait,omitempty"` // nanoseconds that it must last before it is said
	Why      string          `json:"why,omitempty"`  // what went wrong on the way, in English
	Compared *Compared       `json:"compared,omitempty"`
}

// Look visits every link of one declaration now, out of turn. What is as it was
// declared is said, where the observer has a key and it is worth saying; anything
// else must last, and is left to [Observer.Run]. The error wraps
// [registry.ErrNotFound] where the code is not that of a declaration to be
// watched.
func (o *Observer) Look(ctx context.Context, code verify.Code) (all []Looked, err error) {
	now := o.now()
	record, links, err := o.links(ctx, code, now)
	if err != nil {
		return nil, err
	}
	if len(links) == 0 {
		return nil, fmt.Errorf("%s is no declaration that is watched: %w", code.Printed(), registry.ErrNotFound)
	}
	for _, l := range links {
		v := o.look(ctx, l.URL, nil)
		looked := v.looked(l.Translation)
		if v.SHA256 != "" {
			c := o.compare(code, record.Declaration, l.URL, &v)
			looked.Compared = &c
		}
		v.remove()
		var before *verify.Sighting
		if s, ok := record.Observed(l, now); ok {
			before = &s
		}
		if seen, ok := v.Finding(l, before); ok {
			looked.Found, looked.Wait = seen, lasts(seen)
			if o.Signer != nil && looked.Wait == 0 && worthSaying(seen, before, now) {
				if err := o.say(ctx, code, seen, now); err != nil {
					return all, err
				}
				looked.Said = true
			}
		}
		all = append(all, looked)
	}
	return all, nil
}

// LookAt visits an address that nobody has declared yet, so that its maker learns
// what there is to declare.
func (o *Observer) LookAt(ctx context.Context, address string) Looked {
	v := o.look(ctx, address, nil)
	defer v.remove()
	looked := v.looked(verify.Translation{URL: address})
	looked.Found, _ = v.Finding(verify.Link{Translation: verify.Translation{URL: address}}, nil)
	if looked.Found.Seen == verify.SeenChanged { // nothing was declared that it could differ from
		looked.Found.Seen = verify.SeenOpen
	}
	return looked
}

func (v *Visit) looked(l verify.Translation) Looked {
	out := Looked{URL: l.URL, Language: l.Language, Media: v.Media, Bytes: v.Size}
	if v.err != nil {
		out.Why = v.err.Error()
	}
	return out
}
