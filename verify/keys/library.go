//go:build cgo

package keys

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/miekg/pkcs11"
)

// A library is a loaded PKCS #11 library. It stays loaded as long as the process
// runs: its state is that of the process, and other keys may be reached by it.
type library struct {
	*pkcs11.Ctx

	use     sync.RWMutex // held for reading while it is called
	started int          // how often; sessions end when it is started again

	logins  sync.Mutex
	refused map[string]string // the PIN that a token did not take, by its serial number
}

var libraries struct {
	sync.Mutex
	loaded map[string]*library // by path
}

// load loads a library, once.
func load(path string) (*library, error) {
	libraries.Lock()
	defer libraries.Unlock()
	if l := libraries.loaded[path]; l != nil {
		return l, nil
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("module-path: %w", err)
	}
	ctx := pkcs11.New(path)
	if ctx == nil {
		return nil, errors.New("module-path: it is no PKCS #11 library of this machine's kind, or lacks one that it needs: ldd tells")
	}
	if err := ctx.Initialize(); err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return nil, err
	}
	l := &library{Ctx: ctx, started: 1, refused: map[string]string{}}
	if libraries.loaded == nil {
		libraries.loaded = map[string]*library{}
	}
	libraries.loaded[path] = l
	return l, nil
}

// restart starts the library anew after an error of its own, unless somebody else
// is using it: most see a token that came back only then. It returns nil where it
// did, and otherwise the error with what there is to say.
func (l *library) restart(err error) error {
	var fault pkcs11.Error
	if errors.Is(err, errPIN) || !errors.Is(err, errAway) && !errors.As(err, &fault) || !l.use.TryLock() {
		return err
	}
	defer l.use.Unlock()
	l.started++
	l.Finalize() // which fails where it was not started
	if no := l.Initialize(); no != nil {
		return fmt.Errorf("%w; its library does not start: %w", err, no)
	}
	return nil
}

var (
	errAway = errors.New("no such token is there")
	errPIN  = errors.New("pin-source")
)

// slot finds the one token that a URI names.
func (l *library) slot(u URI) (slot uint, token pkcs11.TokenInfo, err error) {
	slots, err := l.GetSlotList(true)
	if err != nil {
		return 0, token, err
	}
	var there []string
	found := 0
	for _, s := range slots {
		info, err := l.GetTokenInfo(s)
		if err != nil || info.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			continue // it went away just now, or nobody has set it up
		}
		there = append(there, fmt.Sprintf("%q (serial %s)", info.Label, info.SerialNumber))
		if fits(u.Token, info.Label) && fits(u.Serial, info.SerialNumber) && fits(u.Manufacturer, info.ManufacturerID) && fits(u.Model, info.Model) {
			slot, token, found = s, info, found+1
		}
	}
	switch {
	case found == 0 && there == nil:
		return 0, token, fmt.Errorf("%w, nor any other", errAway)
	case found == 0:
		return 0, token, fmt.Errorf("%w, but %s", errAway, strings.Join(there, ", "))
	case found > 1:
		return 0, token, fmt.Errorf("%d such tokens are there: name the serial number too: %s", found, strings.Join(there, ", "))
	}
	return slot, token, nil
}

// fits reports whether an attribute of a URI, where it has it, is that of a token.
func fits(asked, is string) bool { return asked == "" || asked == is }

// login opens a session of the token and logs in, where the token asks for that. A
// PIN that it has refused is not tried again: a few wrong ones, and it locks.
func (l *library) login(u URI, flags uint) (s pkcs11.SessionHandle, err error) {
	slot, token, err := l.slot(u)
	if err != nil {
		return 0, err
	}
	if s, err = l.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|flags); err != nil {
		return 0, err
	}
	if token.Flags&pkcs11.CKF_LOGIN_REQUIRED == 0 {
		return s, nil
	}
	if err := l.user(s, token.SerialNumber, u.PIN); err != nil {
		l.CloseSession(s)
		return 0, err
	}
	return s, nil
}

func (l *library) user(s pkcs11.SessionHandle, serial, file string) error {
	if file == "" {
		return fmt.Errorf("%w: the token asks for a PIN: name the file it is in", errPIN)
	}
	text, err := ReadSecret(file)
	if err != nil {
		return fmt.Errorf("%w: %w", errPIN, err)
	}
	pin := strings.TrimRight(string(text), "\r\n")
	l.logins.Lock()
	defer l.logins.Unlock()
	if refused, ok := l.refused[serial]; ok && refused == pin {
		return fmt.Errorf("%w: the token has refused the PIN in %s, and it is not tried again lest the token lock", errPIN, file)
	}
	switch err := l.Login(s, pkcs11.CKU_USER, pin); {
	case err == nil, errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)):
		delete(l.refused, serial)
		return nil
	case errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_INCORRECT)), errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_LEN_RANGE)),
		errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_INVALID)), errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_LOCKED)):
		l.refused[serial] = pin
		return fmt.Errorf("%w: the token refuses the PIN in %s: %w", errPIN, file, err)
	default:
		return err
	}
}

// find finds the one object of a class with that label and id, of which one may be
// empty.
func (l *library) find(s pkcs11.SessionHandle, class uint, label, id string) (pkcs11.ObjectHandle, error) {
	template := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}
	if label != "" {
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_LABEL, label))
	}
	if id != "" {
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_ID, []byte(id)))
	}
	if err := l.FindObjectsInit(s, template); err != nil {
		return 0, err
	}
	found, _, err := l.FindObjects(s, 2)
	l.FindObjectsFinal(s)
	if err != nil {
		return 0, err
	}
	what := map[uint]string{pkcs11.CKO_PRIVATE_KEY: "private", pkcs11.CKO_PUBLIC_KEY: "public"}[class]
	switch len(found) {
	case 0:
		return 0, fmt.Errorf("%w: %s key %q, id %x", errNone, what, label, id)
	case 1:
		return found[0], nil
	}
	return 0, fmt.Errorf("%w: %s key %q, id %x: name both", errSeveral, what, label, id)
}

var (
	errNone    = errors.New("the token has no such key")
	errSeveral = errors.New("the token has several such keys")
)

func (l *library) sign(s session, mechanism uint, digest []byte) ([]byte, error) {
	if err := l.SignInit(s.handle, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, s.key); err != nil {
		return nil, err
	}
	return l.Sign(s.handle, digest)
}
