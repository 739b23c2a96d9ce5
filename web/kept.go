package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tegata/verify"
)

// maxAge is how long an answer may be kept, so how late a cache may be with a
// revocation.
const maxAge = 30 * time.Second

// Cache-Control of what never changes, and of what changes with every entry.
const (
	cacheForever = "public, max-age=31536000, immutable"
	cacheShort   = "public, max-age=5"
	cacheAsk     = "public, no-cache" // kept, and asked for again by its tag every time
	cacheNever   = "no-store"
)

// A keeping is what is told to whoever may keep an answer.
type keeping struct {
	cache    string    // Cache-Control
	tag      string    // ETag; empty: none
	modified time.Time // when what it says last changed; zero: it is not dated
}

// unchanged tells how the answer may be kept, and answers whoever has it already
// with that word alone. The tag goes before the date (RFC 9110, section 13.2.2).
// Only what is there, with status 200, can be had already.
func (k keeping) unchanged(w http.ResponseWriter, r *http.Request, status int) bool {
	h := w.Header()
	h.Set("Cache-Control", k.cache)
	if k.tag != "" {
		h.Set("ETag", k.tag)
	}
	if !k.modified.IsZero() {
		h.Set("Last-Modified", k.modified.UTC().Format(http.TimeFormat))
	}
	had := status == http.StatusOK && k.had(r)
	if had {
		w.WriteHeader(http.StatusNotModified)
	}
	return had
}

// had reports whether who asks says that it has the answer.
func (k keeping) had(r *http.Request) bool {
	if tags := r.Header["If-None-Match"]; len(tags) > 0 {
		return k.tag != "" && matchesTag(strings.Join(tags, ","), k.tag)
	}
	if k.modified.IsZero() {
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !k.modified.Truncate(time.Second).After(since)
}

// cacheFor is the Cache-Control of an answer of that age at the most, as a header has
// it.
func cacheFor(age time.Duration) []string { return ages[int(age.Seconds())] }

// ages are the Cache-Control of every age up to maxAge, in seconds.
var ages = func() (all [][]string) {
	for age := range int(maxAge.Seconds()) + 1 {
		all = append(all, []string{"public, max-age=" + strconv.Itoa(age)})
	}
	return all
}()

// age is how long an answer may be kept that changes by itself at next: not beyond
// that. The head's time is cut to seconds, so it counts a second less.
func (s *site) age(next time.Time) time.Duration {
	if next.IsZero() {
		return maxAge
	}
	return max(0, min(maxAge, next.Sub(s.registry.Head().Time)-time.Second))
}

// changes returns when a verdict changes by itself; zero: not foreseen. About an
// instant that has passed nothing changes but by what is said. About one to come
// the age of an observation, which counts from the head, may change it any time.
func changes(v *verify.Verdict) time.Time {
	switch at := v.Question.At; {
	case at.Before(v.Log.Time):
		return time.Time{}
	case at.After(v.Log.Time):
		return v.Log.Time
	}
	return v.NextChange
}

// sooner returns the earlier of two instants at which something changes.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// etag names what an answer says. It is weak: the instant of asking, which every
// answer names, does not count.
func etag(says any, variant string) string {
	said, ok := says.([]byte) // in JSON already
	if !ok {
		var err error
		if said, err = json.Marshal(says); err != nil {
			panic(err) // the same value has just been encoded as the body
		}
	}
	return "W/" + tagOf(append(said, variant...))
}

// tagOf is a strong tag of bytes.
func tagOf(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// matchesTag compares tags as If-None-Match does: weak and strong are the same.
func matchesTag(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// keeping is how a file may be kept. Where it may be sent compressed its tag is
// weak: the bytes on the way are not always the same.
func (f file) keeping() keeping {
	k := keeping{cache: f.cache}
	if f.cache == cacheNever {
		return k
	}
	k.tag = tagOf(f.data)
	if media, _, _ := strings.Cut(f.media, ";"); slices.Contains(compressible, media) {
		k.tag = "W/" + k.tag
	}
	return k
}
