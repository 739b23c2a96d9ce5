package verify

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A statement about parties, keys or the Memorandum reaches into what was said
// before it only where it takes back trust, gives it back, or names an end.
func TestReach(t *testing.T) {
	d := open(t)
	second, thief := demoKey(2), demoKey(3)
	type keys = map[KeyID]time.Time
	check := func(what string, want Reach) {
		t.Helper()
		got := d.governance.Reach(int64(len(d.entries)) - 1)
		if len(got.Keys) == 0 {
			got.Keys = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("a party is enrolled", Reach{})
	d.say("ipa", "2026-03-01T00:00:00Z", "", &AddedKey{"ipa", second, instant(t, "2026-03-01T00:00:00Z")})
	check("a key is added", Reach{})
	d.issue(nil)
	check("of a label it is not asked", Reach{})
	d.say("operator", "2026-04-02T00:00:00Z", "", &RetiredKey{"opss", d.keys["opss"], instant(t, "2026-04-02T00:00:00Z"), false})
	check("a key is retired", Reach{})
	d.say("meti", "2026-04-03T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-04-03"), EndsOn: day(t, "2027-04-03")})
	check("a notice", Reach{All: true})

	good := d.keys["ipa"]
	d.keys["ipa"] = second.Thumbprint()
	d.say("ipa", "2026-04-04T00:00:00Z", "", &AddedKey{"ipa", thief, instant(t, "2026-04-04T00:00:00Z")})
	d.keys["ipa"] = good
	stolen := "2026-04-03T12:00:00Z"
	compromised(d, "2026-05-01T00:00:00Z", second.Thumbprint(), stolen)
	check("a stolen key, and one that it added", Reach{Keys: keys{second.Thumbprint(): instant(t, stolen), thief.Thumbprint(): {}}})
	d.say("ipa", "2026-05-02T00:00:00Z", "", &AddedKey{"ipa", demoKey(4), instant(t, "2026-05-02T00:00:00Z")})
	check("a new key after that", Reach{})
	d.say("ipa", "2026-05-03T00:00:00Z", "", &AddedKey{"ipa", thief, instant(t, "2026-05-03T00:00:00Z")})
	check("the key that was left out is added after all", Reach{Keys: keys{thief.Thumbprint(): {}}})
	d.say("dsit", "2026-05-04T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-05-04"), EndsOn: day(t, "2026-12-04")})
	check("a notice after that", Reach{All: true})
	compromised(d, "2026-06-01T00:00:00Z", second.Thumbprint(), "2026-03-15T00:00:00Z")
	check("it was stolen earlier", Reach{Keys: keys{second.Thumbprint(): instant(t, "2026-03-15T00:00:00Z")}})
	if got := d.governance.Reach(0); got.All || got.Keys != nil {
		t.Errorf("entry 0: got %v, want nothing", got)
	}
}
