package scrub

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

// Limits of a document, so that a small file does not unpack into a large one.
const (
	maxParts  = 20_000
	maxPart   = 256 << 20 // bytes of a part that is changed
	maxUnpack = 2 << 30
	maxDepth  = 2 // of documents in one another
)

// document says what to do with the parts of a kind of document.
type document struct {
	dropped func(name string) (what string, yes bool)
	written func(name string) (text string, yes bool)             // parts that are replaced
	edited  func(name string, gone map[string]bool) (rules, bool) // parts of XML that are changed; gone are those dropped
	kept    func(name string) (what string, yes bool)             // parts that may tell something and stay
}

// archive writes a document without what tells about its maker.
func archive(out io.Writer, in io.ReaderAt, size int64, report *Report, depth int) error {
	z, err := zip.NewReader(in, size)
	if err != nil {
		return fmt.Errorf("%w: its zip directory", ErrDamaged)
	}
	if len(z.File) > maxParts {
		return fmt.Errorf("%w: it has more than %d parts", ErrDamaged, maxParts)
	}
	doc := office(report)
	if report.Kind == OpenDocument {
		doc = openDocument(report)
	}
	gone, seen := map[string]bool{}, map[string]bool{}
	for _, f := range z.File {
		if seen[f.Name] {
			return fmt.Errorf("%w: two parts of one name", ErrDamaged)
		}
		seen[f.Name] = true
		if what, yes := doc.dropped(f.Name); yes {
			gone[f.Name] = true
			report.removed(what)
		}
	}
	a := &archiver{doc: doc, gone: gone, report: report, depth: depth, w: zip.NewWriter(out)}
	for _, f := range z.File {
		if gone[f.Name] || strings.HasSuffix(f.Name, "/") {
			continue
		}
		if err := a.part(f); err != nil {
			return err
		}
	}
	return a.w.Close()
}

type archiver struct {
	doc      document
	gone     map[string]bool
	report   *Report
	depth    int
	w        *zip.Writer
	unpacked int64
}

func (a *archiver) part(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: part %s", ErrDamaged, path.Base(f.Name))
	}
	defer in.Close()
	counted := &counter{r: in, left: maxUnpack - a.unpacked}
	err = a.write(f, counted)
	a.unpacked += counted.n
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: part %s", ErrDamaged, path.Base(f.Name))
	}
	return err
}

func (a *archiver) write(f *zip.File, in io.Reader) error {
	if what, yes := a.doc.kept(f.Name); yes {
		a.report.kept(what)
	}
	if text, yes := a.doc.written(f.Name); yes {
		a.report.removed("properties")
		return a.put(f, []byte(text))
	}
	rules, isEdited := a.doc.edited(f.Name, a.gone)
	inner := a.within(f.Name)
	if !isEdited && inner == nil {
		w, err := a.w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: f.Method})
		if err != nil {
			return err
		}
		_, err = io.Copy(w, in)
		return err
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPart+1))
	if err != nil {
		return err
	}
	if len(text) > maxPart {
		return fmt.Errorf("%w: part %s is too large", ErrDamaged, path.Base(f.Name))
	}
	if isEdited {
		if text, err = edit(text, rules); err != nil {
			return err
		}
		return a.put(f, text)
	}
	return a.put(f, inner(text))
}

// within gives how to scrub a picture or a document in the document; nil for what is copied as it is. What is
// damaged stays as it is, and is reported as kept.
func (a *archiver) within(name string) func([]byte) []byte {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".png", ".docx", ".xlsx", ".pptx":
	case ".pdf", ".heic", ".tif", ".tiff", ".webp", ".gif", ".mp4", ".mov", ".m4a", ".mp3", ".doc", ".xls", ".ppt":
		a.report.kept("data in pictures and files within")
		return nil
	default:
		return nil
	}
	return func(data []byte) []byte {
		var out bytes.Buffer
		inner := Report{}
		kind, err := Detect(bytes.NewReader(data), int64(len(data)))
		inner.Kind = kind
		switch {
		case err != nil:
		case kind == JPEG:
			err = jpeg(&out, bytes.NewReader(data), &inner)
		case kind == PNG:
			err = png(&out, bytes.NewReader(data), &inner)
		case a.depth >= maxDepth:
			err = ErrCarries
		default:
			err = archive(&out, bytes.NewReader(data), int64(len(data)), &inner, a.depth+1)
		}
		if err != nil {
			a.report.kept("data in pictures and files within")
			return data
		}
		for _, what := range inner.Removed {
			a.report.removed(what)
		}
		for _, what := range inner.Kept {
			a.report.kept(what)
		}
		return out.Bytes()
	}
}

// put writes a part whole. What is not compressed, such as the type of an OpenDocument file, has its size before it,
// so that programs that look at the first bytes know the file.
func (a *archiver) put(f *zip.File, text []byte) error {
	h := &zip.FileHeader{Name: f.Name, Method: f.Method}
	if f.Method != zip.Store {
		w, err := a.w.CreateHeader(h)
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	h.CRC32, h.UncompressedSize64, h.CompressedSize64 = crc32.ChecksumIEEE(text), uint64(len(text)), uint64(len(text))
	w, err := a.w.CreateRaw(h)
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// counter bounds what a document unpacks to.
type counter struct {
	r       io.Reader
	n, left int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if c.n += int64(n); c.n > c.left {
		return n, fmt.Errorf("%w: it unpacks to more than %d GB", ErrDamaged, maxUnpack>>30)
	}
	return n, err
}
