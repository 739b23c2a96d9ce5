package verify

// A Declaration is a statement of compliance as SI 2023/1007 Sch 4 wants it,
// with the address at which it is open to the public. It is the maker's own
// claim; the registry keeps it and confirms nothing in it.
type Declaration struct {
	URL          string        `json:"url" max:"2000"`
	SHA256       string        `json:"sha256"`                // of the document's bytes, 64 hexadecimal digits
	TextSHA256   string        `json:"text_sha256,omitempty"` // of a page's text alone, where its bytes differ from visit to visit
	Media        string        `json:"media,omitempty"`       // type it is served as, such as application/pdf; absent: any
	Language     string        `json:"language"`
	Translations []Translation `json:"translations,omitempty"`
	Product      Product       `json:"product"`                  // (a)
	Parties      []Firm        `json:"parties"`                  // (b)
	Prepared     bool          `json:"prepared_by_manufacturer"` // (c)
	Routes       Routes        `json:"routes"`                   // (d)
	Standards    []Standard    `json:"standards,omitempty"`      // 1(2)
	Support      Support       `json:"support_at_first_supply"`  // (e): as it was then, whatever was said later
	Contact      Contact       `json:"contact"`
	Signatory    Signatory     `json:"signatory"` // (f)
	Place        string        `json:"place"`     // (g)
	Issued       Date          `json:"issued"`    // (g), first day, London
}

// A Translation is the same document in another language (MoC 4(4)).
type Translation struct {
	Language   string `json:"language"`
	URL        string `json:"url" max:"2000"`
	SHA256     string `json:"sha256"`
	TextSHA256 string `json:"text_sha256,omitempty"`
	Media      string `json:"media,omitempty"`
}

// Routes say, for each of the three security requirements of SI 2023/1007
// Sch 1, which requirement or condition was complied with.
type Routes struct {
	Passwords DeclaredRoute `json:"passwords"`
	Reporting DeclaredRoute `json:"reporting"`
	Support   DeclaredRoute `json:"support"`
}

// All returns the three, in the order of Sch 1.
func (r Routes) All() [3]DeclaredRoute { return [3]DeclaredRoute{r.Passwords, r.Reporting, r.Support} }

// Through reports whether any of the three is by route.
func (r Routes) Through(route DeclaredRoute) bool {
	return r.Passwords == route || r.Reporting == route || r.Support == route
}

// A DeclaredRoute is Sch 1 itself or one of the conditions of Sch 2.
type DeclaredRoute string

const (
	BySchedule1 DeclaredRoute = "sch1"
	ByETSI      DeclaredRoute = "etsi_en_303_645" // Sch 2 Condition A
	ByISO29147  DeclaredRoute = "iso_29147"       // Sch 2 Condition A, for reporting alone
	ByJCSTAR    DeclaredRoute = "jc_star"         // Sch 2 Condition B
	BySGCLS     DeclaredRoute = "sg_cls"          // Sch 2 Condition C
)

// A Standard is what a route rests on: Sch 4 para 1(2).
type Standard struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Date    Date   `json:"date"`
}

// Names under which the two standards of Sch 2 Condition A are given.
const (
	etsiStandard = "ETSI EN 303 645"
	isoStandard  = "ISO/IEC 29147"
)

// A Signatory signed the document. The function is required; the name may stay
// in the document, since the log cannot forget it.
type Signatory struct {
	Name     string `json:"name,omitempty"`
	Function string `json:"function"`
}

// Published is declaration.published.
type Published struct {
	Declaration Declaration `json:"declaration"`
}

const (
	roleManufacturer   = "manufacturer"
	roleRepresentative = "authorised_representative"
)

func (b *Published) check(h *Head, c checker) {
	d := &b.Declaration
	checkLink(c.under("declaration"), d.link(), d.Translations)
	c.needFor("declaration.product.type", d.Product.Type != "", Sch4Product)
	c.needFor("declaration.product.batch", d.Product.Batch != "", Sch4Product)
	d.Product.check(c.under("declaration.product"))
	b.checkParties(c)
	c.needFor("declaration.prepared_by_manufacturer", d.Prepared, Sch4Prepared)
	b.checkRoutes(c)
	d.Support.check(c.under("declaration.support_at_first_supply"), Sch4Support)
	d.Contact.check(c.under("declaration.contact"))
	c.needFor("declaration.signatory.function", d.Signatory.Function != "", Sch4Signatory)
	c.needFor("declaration.place", d.Place != "", Sch4Issue)
	c.needFor("declaration.issued", !d.Issued.IsZero(), Sch4Issue)
	if end := d.Support.End; !end.IsZero() && end.Before(d.Issued) {
		c.also("declaration.support_at_first_supply.end", PeriodTurned, d.Issued.String())
	}
	if made := DateOf(h.Made, London); !h.Made.IsZero() && made.Before(d.Issued) {
		c.also("declaration.issued", TooFar, made.String()) // published before it was issued
	}
}

// link is where the declaration is published, as one of its translations would
// be.
func (d *Declaration) link() Translation {
	return Translation{d.Language, d.URL, d.SHA256, d.TextSHA256, d.Media}
}

func checkLink(c checker, l Translation, translations []Translation) {
	c.need("url", l.URL != "")
	c.link("url", l.URL)
	c.need("sha256", l.SHA256 != "")
	c.digest("sha256", l.SHA256)
	c.digest("text_sha256", l.TextSHA256)
	c.like("media", l.Media, aMedia, NotName, "type/subtype")
	c.need("language", l.Language != "")
	c.like("language", l.Language, aTongue, NotName, "BCP 47")
	for i, t := range translations {
		checkLink(c.under(indexed("translations", i)), t, nil)
	}
}

func (b *Published) checkParties(c checker) {
	makers := 0
	for i, p := range b.Declaration.Parties {
		at := c.under(indexed("declaration.parties", i))
		p.check(at, Sch4Maker)
		at.need("role", p.Role != "")
		oneOf(at, "role", p.Role, roleManufacturer, roleRepresentative)
		if p.Role == roleManufacturer {
			makers++
		}
	}
	c.needFor("declaration.parties", makers > 0, Sch4Maker)
}

func (b *Published) checkRoutes(c checker) {
	names := [3]string{"passwords", "reporting", "support"}
	for i, route := range b.Declaration.Routes.All() {
		at := "declaration.routes." + names[i]
		c.needFor(at, route != "", Sch4Complied)
		choices := []DeclaredRoute{BySchedule1, ByETSI, ByJCSTAR, BySGCLS}
		if names[i] == "reporting" {
			choices = append(choices, ByISO29147)
		}
		oneOf(c, at, route, choices...)
	}
	for i, s := range b.Declaration.Standards {
		at := c.under(indexed("declaration.standards", i))
		at.needFor("id", s.ID != "", Sch4Standard)
		at.needFor("version", s.Version != "", Sch4Standard)
		at.needFor("date", !s.Date.IsZero(), Sch4Standard)
	}
	var missing []string
	for _, by := range []struct {
		route DeclaredRoute
		id    string
	}{{ByETSI, etsiStandard}, {ByISO29147, isoStandard}} {
		if _, named := b.Declaration.standard(by.id); b.Declaration.Routes.Through(by.route) && !named {
			missing = append(missing, by.id)
		}
	}
	if len(missing) > 0 {
		c.add("declaration.standards", Sch4Standard, list(missing))
	}
}

// standard finds the standard named id.
func (d *Declaration) standard(id string) (Standard, bool) {
	for _, s := range d.Standards {
		if s.ID == id {
			return s, true
		}
	}
	return Standard{}, false
}

// SupportExtended is declaration.extended: the defined support period now
// published. It only ever grows: Sch 1 para 3(6).
type SupportExtended struct {
	Support Support `json:"support"`
}

func (b *SupportExtended) check(_ *Head, c checker) {
	b.Support.check(c.under("support"), Required)
	c.need("support.end", !b.Support.End.IsZero())
}

// LinkAmended is declaration.amended: where the document is now, and what is
// not among the contents of Schedule 4.
type LinkAmended struct {
	URL          string        `json:"url,omitempty" max:"2000"`
	SHA256       string        `json:"sha256,omitempty"`
	TextSHA256   string        `json:"text_sha256,omitempty"`
	Media        string        `json:"media,omitempty"`
	Language     string        `json:"language,omitempty"`
	Translations []Translation `json:"translations,omitempty"` // the whole list
	Contact      *Contact      `json:"contact,omitempty"`
	Models       []Model       `json:"models,omitempty"` // the whole list
}

// link is where the document is now, as a translation would be.
func (b *LinkAmended) link() Translation {
	return Translation{b.Language, b.URL, b.SHA256, b.TextSHA256, b.Media}
}

func (b *LinkAmended) check(_ *Head, c checker) {
	link := b.link() != Translation{}
	if !link && b.Translations == nil && b.Contact == nil && b.Models == nil {
		c.nothingNew("url", "sha256", "language", "translations", "contact", "models")
	}
	if link {
		checkLink(c, b.link(), nil)
	}
	for i, t := range b.Translations {
		checkLink(c.under(indexed("translations", i)), t, nil)
	}
	if b.Contact != nil {
		b.Contact.check(c.under("contact"))
	}
	checkModels(c, b.Models)
}

// Withdrawn is declaration.withdrawn: final.
type Withdrawn struct {
	From   Date `json:"from"` // first day, London
	Reason Text `json:"reason,omitzero"`
}

func (b *Withdrawn) check(_ *Head, c checker) {
	c.need("from", !b.From.IsZero())
	c.english("reason", b.Reason, false)
}

// Observed is declaration.observed: what a watcher found at an address of the
// declaration when it made the statement.
type Observed struct {
	URL        string     `json:"url" max:"2000"`
	Seen       Seen       `json:"seen"`
	HTTPStatus int        `json:"http_status,omitempty"`
	SHA256     string     `json:"sha256,omitempty"`      // of what was served
	TextSHA256 string     `json:"text_sha256,omitempty"` // of its text alone, of a page
	Reason     SeenReason `json:"reason,omitempty"`      // why it is gone
}

// Seen is what an observation found.
type Seen string

const (
	SeenOpen    Seen = "open"    // the declared bytes, without login
	SeenGone    Seen = "gone"    // not open to the public online any more
	SeenChanged Seen = "changed" // open, but other bytes
)

// A SeenReason says why a document is not open to the public online.
type SeenReason string

const (
	GoneByStatus      SeenReason = "status"      // the status says so: see http_status
	GoneByLogin       SeenReason = "login"       // a login is asked for
	GoneByMedia       SeenReason = "media"       // something of another type than was declared is there
	GoneByRedirects   SeenReason = "redirects"   // one address sends to the next without end
	GoneByCertificate SeenReason = "certificate" // its certificate is not valid for its name
	GoneByUnreached   SeenReason = "unreached"   // nobody answers, or not to the end
	GoneBySize        SeenReason = "size"        // it is larger than anybody reads
)

// SeenReasons lists them all.
var SeenReasons = []SeenReason{GoneByStatus, GoneByLogin, GoneByMedia, GoneByRedirects, GoneByCertificate, GoneByUnreached, GoneBySize}

func (b *Observed) check(_ *Head, c checker) {
	c.need("url", b.URL != "")
	c.link("url", b.URL)
	c.need("seen", b.Seen != "")
	oneOf(c, "seen", b.Seen, SeenOpen, SeenGone, SeenChanged)
	if b.HTTPStatus != 0 {
		c.between("http_status", b.HTTPStatus, 100, 599)
	}
	if b.Seen == SeenOpen || b.Seen == SeenChanged {
		c.need("sha256", b.SHA256 != "")
	}
	c.digest("sha256", b.SHA256)
	c.digest("text_sha256", b.TextSHA256)
	oneOf(c, "reason", b.Reason, SeenReasons...)
	if b.Reason != "" && b.Seen != "" && b.Seen != SeenGone {
		c.also("reason", NotAllowed, "")
	}
}
