package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/pack"
	"tegata/web/i18n"
)

// mediaZIP is the type of a pack (IANA, application/zip).
const mediaZIP = "application/zip"

// pack answers with the evidence pack of the code that names the file.
func (s *site) pack(w http.ResponseWriter, r *http.Request) {
	text, zip := strings.CutSuffix(r.PathValue("file"), ".zip")
	code, err := verify.ParseCode(text)
	if !zip {
		err = registry.ErrNotFound
	}
	if err != nil {
		s.problemJSON(w, r, problemOf(err))
		return
	}
	s.packOf(w, r, []verify.Code{code}, string(code))
}

// packs answers with the evidence pack of a list of codes.
func (s *site) packs(w http.ResponseWriter, r *http.Request) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	var codes []verify.Code
	given := r.URL.Query()[paramCode]
	if len(given) == 0 || len(given) > pack.CodesMost {
		p.fault(paramCode, faultParamCodes, strconv.Itoa(pack.CodesMost))
	}
	for i, text := range given[:min(len(given), pack.CodesMost)] {
		code, err := verify.ParseCode(text)
		field := fmt.Sprintf("%s[%d]", paramCode, i)
		if err != nil {
			for _, f := range problemOf(err).faults {
				p.fault(field, f.Rule, f.Detail)
			}
		} else if slices.Contains(codes, code) {
			p.fault(field, verify.Repeated, "")
		}
		codes = append(codes, code)
	}
	if _, wrong := parseQuery(r); wrong != nil {
		p.faults = append(p.faults, wrong.faults...)
	}
	if len(p.faults) > 0 {
		s.problemJSON(w, r, p)
		return
	}
	s.packOf(w, r, codes, "evidence")
}

// packOf writes a pack a file at a time. What goes wrong with the first code is a
// problem; later the connection is cut, so that half a pack is not taken for one.
func (s *site) packOf(w http.ResponseWriter, r *http.Request, codes []verify.Code, name string) {
	share(w, r)
	m, err := s.packing(r, codes)
	var files []packedFile
	if err == nil {
		files, err = m.begin()
	}
	if err != nil {
		s.problemJSON(w, r, problemOf(err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaZIP)
	h.Set("Content-Disposition", `attachment; filename="`+name+`.zip"`)
	h.Set("Cache-Control", cacheNever)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if err := m.write(piecewise{w, http.NewResponseController(w)}, files); err != nil {
		if r.Context().Err() == nil {
			s.accident(r, problemOf(err))
		}
		panic(http.ErrAbortHandler)
	}
}

// A piecewise gives every piece of a long answer its own time to be taken.
type piecewise struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (p piecewise) Write(b []byte) (n int, err error) {
	for piece := range slices.Chunk(b, 64<<10) {
		p.control.SetWriteDeadline(time.Now().Add(chunkTime))
		wrote, err := p.w.Write(piece)
		if n += wrote; err != nil {
			return n, err
		}
	}
	return n, nil
}

// A packing is a pack being made: all of it as of one head.
type packing struct {
	*site
	ctx      context.Context
	snapshot *registry.Snapshot
	query    query
	base     basePage
	trust    bundle.Trust
	codes    []verify.Code
}

// A packedFile is one file of a pack.
type packedFile struct {
	name string
	data []byte
}

func (s *site) packing(r *http.Request, codes []verify.Code) (*packing, error) {
	q, p := parseQuery(r)
	if p != nil {
		return nil, p
	}
	snapshot, err := s.registry.Snapshot()
	if err != nil {
		return nil, err
	}
	trust, err := s.registry.Trust()
	if err != nil {
		return nil, err
	}
	trust.Witnesses, trust.Quorum = nil, 0 // whom to believe is each verifier's choice
	return &packing{s, r.Context(), snapshot, q, s.base(r), trust, codes}, nil
}

// begin makes what stands at the root of the pack, and the files about the first
// code.
func (m *packing) begin() (files []packedFile, err error) {
	for _, lang := range pack.Languages {
		files = append(files, packedFile{pack.ReadmeName(lang), m.readme(i18n.Language(lang))})
	}
	files = append(files, packedFile{pack.TrustName, m.trust.Marshal()}, packedFile{pack.FingerprintName, pack.Fingerprint(m.trust)})
	first, err := m.about(m.codes[0])
	return append(files, first...), err
}

// write writes the pack, of which files are made already; those about each other
// code are made in turn.
func (m *packing) write(to io.Writer, files []packedFile) (err error) {
	out := pack.NewWriter(to, m.snapshot.Head().Time)
	for i, code := range m.codes {
		if i > 0 {
			if files, err = m.about(code); err != nil {
				return err
			}
		}
		for _, f := range files {
			if err := out.Add(f.name, f.data); err != nil {
				return err
			}
		}
	}
	return out.Close(m.codes, m.snapshot.Head(), m.registry.Answer().SealAs)
}

// about makes the files about one code.
func (m *packing) about(code verify.Code) (files []packedFile, err error) {
	f, err := m.snapshot.Lookup(m.ctx, code)
	if err != nil {
		return nil, err
	}
	asked, err := m.question(m.query, f)
	if err != nil {
		return nil, err
	}
	v, err := judged(f, asked, m.query)
	if err != nil {
		return nil, err
	}
	add := func(name string, data []byte) { files = append(files, packedFile{string(code) + "/" + name, data}) }
	token, err := m.registry.Answer().SealBytes(envelope.Verdict, bundle.NewAnswer(v).Payload())
	if err != nil {
		return nil, err
	}
	add(pack.AnswerName, token)
	record := f.Record(asked.Known)
	for _, lang := range pack.Languages {
		page, err := m.paper(i18n.Language(lang), v, record, f.Governance)
		if err != nil {
			return nil, err
		}
		add(pack.PageName(lang), page)
	}
	data, err := m.snapshot.Bundle(m.ctx, code)
	if err != nil {
		return nil, err
	}
	add(pack.BundleName, data)
	said, err := pack.Statements(record, m.registry.Envelope)
	if err != nil {
		return nil, err
	}
	add(pack.RecordName, pack.Record{Code: code, Scheme: record.Scheme, Statements: said, Log: f.Log}.Marshal())
	for _, s := range said {
		receipt, err := m.snapshot.Receipt(s.Index)
		if err != nil {
			return nil, err
		}
		body, err := encodeReceipt(receipt)
		if err != nil {
			return nil, err
		}
		add(pack.StatementName(s.Index), []byte(s.Envelope))
		add(pack.ReceiptName(s.Index), body)
	}
	return files, nil
}
