// Package scrub takes out of files what tells about their maker: where and with which device a picture was taken,
// who wrote, changed and commented a document. What is seen stays as it is, to the last pixel and letter.
//
// JPEG, PNG, Office Open XML (docx, xlsx, pptx) and OpenDocument (odt, ods, odp) are scrubbed. Of other kinds it is
// known that they carry such data, and they are refused; of all others nothing is known.
package scrub

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// What can be wrong. Errors of Scrub wrap one of these, or are those of the reader or writer.
var (
	ErrCarries = errors.New("it carries data about its maker, which cannot be removed here")
	ErrUnknown = errors.New("of this kind of file nothing is known")
	ErrDamaged = errors.New("it is damaged, or not by the rules of its kind")
)

// Kind is a kind of file, in a word that people use.
type Kind string

// The kinds that are scrubbed. Detect gives others too, such as PDF.
const (
	JPEG         Kind = "JPEG"
	PNG          Kind = "PNG"
	Office       Kind = "Office Open XML"
	OpenDocument Kind = "OpenDocument"
)

// Report says what was done, in words for a person; each stands once, sorted.
type Report struct {
	Kind    Kind
	Removed []string
	Kept    []string // what stays and may tell something
}

func (r *Report) removed(what string) { r.Removed = add(r.Removed, what) }
func (r *Report) kept(what string)    { r.Kept = add(r.Kept, what) }

func add(list []string, what string) []string {
	at, found := slices.BinarySearch(list, what)
	if found {
		return list
	}
	return slices.Insert(list, at, what)
}

// Detect tells of which kind a file is. The error is nil where Scrub can scrub it, else it wraps ErrCarries or
// ErrUnknown, or is one of in. The kind may be known all the same.
func Detect(in io.ReaderAt, size int64) (Kind, error) {
	head := make([]byte, min(size, 64))
	if _, err := in.ReadAt(head, 0); err != nil && err != io.EOF {
		return "", err
	}
	has := func(at int, magic string) bool { return len(head) >= at && bytes.HasPrefix(head[at:], []byte(magic)) }
	switch {
	case has(0, "\xff\xd8\xff"):
		return JPEG, nil
	case has(0, pngMagic):
		return PNG, nil
	case has(0, "PK\x03\x04"):
		return detectZip(in, size)
	}
	for _, k := range []struct {
		kind  Kind
		at    int
		magic string
	}{
		{"PDF", 0, "%PDF"}, {"old Office", 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, {"HEIC, MP4 or QuickTime", 4, "ftyp"}, {"QuickTime", 4, "moov"},
		{"TIFF", 0, "II*\x00"}, {"TIFF", 0, "MM\x00*"}, {"WebP", 8, "WEBP"}, {"AVI", 8, "AVI "}, {"WAVE", 8, "WAVE"}, {"GIF", 0, "GIF8"}, {"MP3", 0, "ID3"},
		{"Ogg", 0, "OggS"}, {"FLAC", 0, "fLaC"}, {"RTF", 0, "{\\rtf"}, {"Photoshop", 0, "8BPS"}, {"Matroska or WebM", 0, "\x1aE\xdf\xa3"},
	} {
		if has(k.at, k.magic) {
			return k.kind, ErrCarries
		}
	}
	return "", ErrUnknown
}

func detectZip(in io.ReaderAt, size int64) (Kind, error) {
	z, err := zip.NewReader(in, size)
	if err != nil {
		return "zip", ErrUnknown
	}
	for _, f := range z.File {
		switch f.Name {
		case "[Content_Types].xml":
			return Office, nil
		case "mimetype":
			r, err := f.Open()
			if err != nil {
				return "zip", ErrUnknown
			}
			defer r.Close()
			kind := make([]byte, 40)
			n, _ := io.ReadFull(r, kind)
			if strings.HasPrefix(string(kind[:n]), "application/vnd.oasis.opendocument.") {
				return OpenDocument, nil
			}
			return "zip", ErrUnknown
		}
	}
	return "zip", ErrUnknown
}

// Scrub writes the file without what tells about its maker. After an error, what was written is of no use.
func Scrub(out io.Writer, in io.ReaderAt, size int64) (Report, error) {
	kind, err := Detect(in, size)
	if err != nil {
		return Report{Kind: kind}, fmt.Errorf("scrubbing: %w", err)
	}
	report := Report{Kind: kind}
	src := io.NewSectionReader(in, 0, size)
	switch kind {
	case JPEG:
		err = jpeg(out, src, &report)
	case PNG:
		err = png(out, src, &report)
	default:
		err = archive(out, in, size, &report, 0)
	}
	if err != nil {
		return report, fmt.Errorf("scrubbing %s: %w", kind, err)
	}
	return report, nil
}

// damaged makes an end before the end a matter of the file.
func damaged(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: it ends too early", ErrDamaged)
	}
	return err
}
