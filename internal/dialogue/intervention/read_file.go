package intervention

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rostrum.example/format/docx"
	"rostrum.example/format/message"
	"rostrum.example/format/odt"
	"rostrum.example/format/pdf"
)

// The bounds of what is read at once.
const (
	MaxUpload   = 64 << 20 // bytes of a form with files
	maxMembers  = 300      // texts of one upload
	maxUnpacked = 96 << 20
	readFor     = 45 * time.Second
)

// Reading is a text that was found in a file.
type Reading struct {
	// Source is the file's name, or of a message its subject.
	Source     string
	Paragraphs []string
	Doubts     []int
	// Name and Address are the sender's, of a message.
	Name, Address string
	Lang          string
	At            time.Time
	Files         []Upload
}

// Unread is a file that could not be read. Key names the sentence that says why and what to do.
type Unread struct {
	Source, Key string
	Err         error
}

// ReadFiles finds the texts in files: DOCX, ODT, PDF and plain text, messages and mailboxes, and ZIP folders of them.
func ReadFiles(ctx context.Context, all []Upload) (found []Reading, failed []Unread) {
	ctx, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	r := &reader{}
	for _, f := range all {
		r.read(ctx, f, 0)
	}
	return r.found, r.failed
}

type reader struct {
	found    []Reading
	failed   []Unread
	unpacked int64
}

func (r *reader) fail(name string, err error) {
	r.failed = append(r.failed, Unread{CleanName(name), readKey(err), err})
}

var (
	errEmptyFile = errors.New("there are no words in the file")
	errKind      = errors.New("files of this kind are not read")
	errEncoding  = errors.New("the file is not UTF-8")
	errMany      = errors.New("there are too many files")
	errZip       = errors.New("the folder cannot be unpacked")
	errUnpacked  = errors.New("the folder is too large when it is unpacked")
)

// readKey gives the key of the sentence for what went wrong.
func readKey(err error) string {
	var d *docx.Problem
	var o *odt.Problem
	var p *pdf.Problem
	var m *message.Problem
	switch {
	case errors.Is(err, errEmptyFile):
		return "intervention.read.empty"
	case errors.Is(err, errKind):
		return "intervention.read.kind"
	case errors.Is(err, errEncoding):
		return "intervention.read.encoding"
	case errors.Is(err, errMany), errors.Is(err, errUnpacked):
		return "intervention.read.many"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "intervention.read.time"
	case errors.As(err, &d) && (d.Code == docx.PasswordProtected), errors.As(err, &o) && o.Code == odt.PasswordProtected,
		errors.As(err, &p) && p.Code == pdf.PasswordProtected, errors.As(err, &m) && m.Code == message.Encrypted:
		return "intervention.read.locked"
	case errors.As(err, &d) && d.Code == docx.OldDOC:
		return "intervention.read.olddoc"
	case errors.As(err, &p) && p.Code == pdf.NoText:
		return "intervention.read.scan"
	case errors.As(err, &p) && p.Code == pdf.NoReader:
		return "intervention.read.nopdf"
	case errors.As(err, &m) && m.Code == message.NoSender:
		return "intervention.read.nosender"
	}
	return "intervention.read.broken"
}

func (r *reader) read(ctx context.Context, f Upload, depth int) {
	if ctx.Err() != nil {
		r.fail(f.Name, ctx.Err())
		return
	}
	if len(r.found)+len(r.failed) >= maxMembers {
		r.fail(f.Name, errMany)
		return
	}
	switch ext := strings.ToLower(path.Ext(f.Name)); {
	case ext == ".zip" && depth == 0:
		r.readZip(ctx, f)
	case ext == ".eml":
		m, err := message.Read(bytes.NewReader(f.Body))
		if err != nil {
			r.fail(f.Name, err)
			return
		}
		r.message(ctx, f.Name, m)
	case ext == ".mbox", ext == ".mbx":
		n := 0
		for m, err := range message.Mailbox(bytes.NewReader(f.Body)) {
			if n++; n > maxMembers || ctx.Err() != nil {
				r.fail(f.Name, errMany)
				return
			}
			if err != nil {
				r.fail(f.Name, err)
				continue
			}
			r.message(ctx, f.Name, m)
		}
		if n == 0 {
			r.fail(f.Name, errEmptyFile)
		}
	default:
		one, err := readText(ctx, f)
		if err != nil {
			r.fail(f.Name, err)
			return
		}
		r.found = append(r.found, one)
	}
}

// readText reads one document. What it is called says how; what it holds must agree, which the readers check.
func readText(ctx context.Context, f Upload) (one Reading, err error) {
	one.Source = CleanName(f.Name)
	in := bytes.NewReader(f.Body)
	fromPDF := false
	switch strings.ToLower(path.Ext(f.Name)) {
	case ".docx", ".docm", ".dotx", ".doc":
		one.Paragraphs, err = docx.Text(in)
	case ".odt", ".ott":
		one.Paragraphs, err = odt.Text(in)
	case ".pdf":
		fromPDF = true
		var t *pdf.Text
		if t, err = pdf.Read(ctx, in); err == nil {
			one.Paragraphs = t.Paragraphs
			if t.Doubtful || len(t.Empty) > 0 {
				defer func() { one.Doubts = everywhere(one.Doubts, len(one.Paragraphs), t.Doubtful) }()
			}
		}
	case ".txt", ".text", ".md":
		if !utf8.Valid(f.Body) {
			return one, errEncoding
		}
		one.Paragraphs = Paragraphs(strings.TrimPrefix(string(f.Body), "\ufeff"))
	default:
		return one, errKind
	}
	if err != nil {
		return one, err
	}
	one.Paragraphs = tidy(one.Paragraphs)
	if len(one.Paragraphs) == 0 {
		return one, errEmptyFile
	}
	one.Doubts = doubts(one.Paragraphs, fromPDF)
	return one, nil
}

// tidy drops empty paragraphs, joins lines and takes out what no page can show.
func tidy(all []string) (out []string) {
	for _, p := range all {
		p = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029' {
				return ' '
			}
			if unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u00ad' || r == '\ufeff' {
				return -1
			}
			return r
		}, strings.ToValidUTF8(p, "\ufffd"))
		out = append(out, Paragraphs(p)...)
	}
	return out
}

// doubts lists the paragraphs that were perhaps not read right: with characters that stand for none, or, of a PDF, that
// end in the middle of a sentence.
func doubts(all []string, fromPDF bool) (places []int) {
	for i, p := range all {
		odd := strings.ContainsFunc(p, func(r rune) bool { return r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) })
		if fromPDF && !odd && i+1 < len(all) {
			last, _ := utf8.DecodeLastRuneInString(p)
			next, _ := utf8.DecodeRuneInString(all[i+1])
			odd = (unicode.IsLetter(last) || last == ',' || last == '-') && unicode.IsLower(next)
		}
		if odd {
			places = append(places, i)
		}
	}
	return places
}

// everywhere marks all paragraphs where the letters of the file are doubtful, and the last where pages had no words.
func everywhere(found []int, n int, all bool) []int {
	if !all {
		if n > 0 && (len(found) == 0 || found[len(found)-1] != n-1) {
			found = append(found, n-1)
		}
		return found
	}
	found = nil
	for i := range n {
		found = append(found, i)
	}
	return found
}

// message takes a message: its documents are the texts, or, where it has none, its own words.
func (r *reader) message(ctx context.Context, file string, m *message.Message) {
	source := CleanName(m.Subject)
	if m.Subject == "" {
		source = CleanName(file)
	}
	about := Reading{Source: source, Name: m.Name, Address: m.Address, Lang: m.Lang, At: m.Date}
	for _, p := range m.Problems {
		r.fail(source+" "+p.Part, &p)
	}
	var texts []Reading
	var rest []Upload
	for _, f := range m.Files {
		up := Upload{f.Name, f.Body}
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".docx", ".odt", ".pdf":
			one, err := readText(ctx, up)
			if err != nil {
				r.fail(source+": "+f.Name, err)
				rest = append(rest, up)
				continue
			}
			one.Name, one.Address, one.Lang, one.At = about.Name, about.Address, about.Lang, about.At
			texts = append(texts, one)
		default:
			rest = append(rest, up)
		}
	}
	if len(texts) == 0 {
		about.Paragraphs = tidy(Paragraphs(m.Text))
		if len(about.Paragraphs) == 0 {
			r.fail(source, errEmptyFile)
			return
		}
		about.Doubts = doubts(about.Paragraphs, false)
		texts = append(texts, about)
	}
	if len(rest) > MaxFiles {
		r.fail(source, errMany)
		rest = rest[:MaxFiles]
	}
	for i, f := range rest {
		if len(f.Body) > MaxFile {
			r.fail(source+": "+f.Name, errUnpacked)
			rest[i].Body = nil
		}
	}
	for _, f := range rest {
		if f.Body != nil {
			texts[0].Files = append(texts[0].Files, f)
		}
	}
	r.found = append(r.found, texts...)
}

func (r *reader) readZip(ctx context.Context, f Upload) {
	z, err := zip.NewReader(bytes.NewReader(f.Body), int64(len(f.Body)))
	if err != nil {
		r.fail(f.Name, errZip)
		return
	}
	for _, member := range z.File {
		name := path.Base(strings.ReplaceAll(member.Name, "\\", "/"))
		if member.FileInfo().IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(member.Name, "__MACOSX/") {
			continue
		}
		if ctx.Err() != nil || len(r.found)+len(r.failed) >= maxMembers {
			r.fail(f.Name, errMany)
			return
		}
		body, err := unpack(member, maxUnpacked-r.unpacked)
		r.unpacked += int64(len(body))
		if errors.Is(err, errUnpacked) {
			r.fail(f.Name, err)
			return
		}
		if err != nil {
			r.fail(name, errZip)
			continue
		}
		r.read(ctx, Upload{name, body}, 1)
	}
}

func unpack(member *zip.File, most int64) ([]byte, error) {
	in, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	body, err := io.ReadAll(io.LimitReader(in, min(most, MaxFile)+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > min(most, MaxFile) {
		return nil, errUnpacked
	}
	return body, nil
}
