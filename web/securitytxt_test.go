package web

import "testing"

func TestCheckContact(t *testing.T) {
	for _, good := range []string{"mailto:security@labels.example", "https://labels.example/security", "tel:+81-3-0000-0000"} {
		if err := CheckContact(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "security@labels.example", "http://labels.example/security", "https://", "mailto:", "javascript:alert(1)",
		"mailto:a@b\nContact: mailto:c@d", "https://labels.example/a b", "https://labels.example/窓口"} {
		if CheckContact(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
		if _, err := NewHandler(Config{URL: "https://labels.example", Contacts: []string{bad}}); err == nil {
			t.Errorf("%q is served", bad)
		}
	}
}
