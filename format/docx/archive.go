package docx

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Limits are what a file may come to. What is larger is refused before it is
// unpacked.
type Limits struct {
	File     int64 // bytes of the file
	Parts    int   // number of parts
	Part     int64 // unpacked bytes of one part
	Unpacked int64 // unpacked bytes of all parts
	Ratio    int64 // unpacked to packed size of a part of more than 1 MiB
	Depth    int   // elements within each other
	Elements int   // elements of all parts that are read
}

// DefaultLimits are those of Read, Text and ReadTemplate: room for a book with
// pictures.
func DefaultLimits() Limits {
	return Limits{
		File: 32 << 20, Parts: 2000, Part: 48 << 20, Unpacked: 192 << 20, Ratio: 500,
		Depth: 200, Elements: 1_000_000,
	}
}

const (
	typeDocument = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	typeTemplate = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
)

// archive is a file that may be read: all its names and sizes are within the
// limits, and its main part is a document without macros.
type archive struct {
	limits Limits
	budget budget
	files  []*zip.File // in the order of the file, without folders
	byName map[string]*zip.File
	types  *node // [Content_Types].xml
	main   string
}

func (l Limits) open(r io.Reader) (*archive, error) {
	data, err := io.ReadAll(io.LimitReader(r, l.File+1))
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if int64(len(data)) > l.File {
		return nil, &Problem{Code: FileTooLarge, Limit: l.File}
	}
	if err := sniff(data); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &Problem{Code: BrokenZip}
	}
	a := &archive{limits: l, byName: map[string]*zip.File{}, budget: budget{l.Depth, l.Elements, l.Elements}}
	if err := a.check(z.File, int64(len(data))); err != nil {
		return nil, err
	}
	return a, a.findMain()
}

// sniff says what a file is that is no zip.
func sniff(data []byte) error {
	head := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 512)], []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(data) == 0:
		return &Problem{Code: EmptyFile}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return nil
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		switch {
		case hasStream(data, "EncryptedPackage"), hasStream(data, "EncryptionInfo"):
			return &Problem{Code: PasswordProtected}
		case hasStream(data, "WordDocument"):
			return &Problem{Code: OldDOC}
		}
		return &Problem{Code: NotDOCX, Value: "OLE"}
	case bytes.HasPrefix(head, []byte(`{\rtf`)):
		return &Problem{Code: NotDOCX, Value: "RTF"}
	case bytes.HasPrefix(head, []byte("%PDF")):
		return &Problem{Code: NotDOCX, Value: "PDF"}
	case bytes.HasPrefix(bytes.ToLower(head), []byte("<!doctype html")), bytes.HasPrefix(bytes.ToLower(head), []byte("<html")):
		return &Problem{Code: NotDOCX, Value: "HTML"}
	case bytes.HasPrefix(head, []byte("<?xml")):
		return &Problem{Code: NotDOCX, Value: "XML"}
	}
	return &Problem{Code: NotDOCX, Value: "?"}
}

// hasStream looks for a directory entry of a compound file (MS-CFB, 2.6): 128
// bytes that begin with the name in UTF-16 and hold its length at byte 64.
func hasStream(data []byte, name string) bool {
	wide := make([]byte, 0, 2*len(name)+2)
	for i := range len(name) {
		wide = append(wide, name[i], 0)
	}
	wide = append(wide, 0, 0)
	for at := 512; at+128 <= len(data); at += 128 {
		if e := data[at:]; bytes.HasPrefix(e, wide) && int(binary.LittleEndian.Uint16(e[64:])) == len(wide) {
			return true
		}
	}
	return false
}

// check holds names and sizes against the limits. Sizes are those that the
// file declares; part does not unpack more than them.
func (a *archive) check(files []*zip.File, size int64) error {
	if len(files) > a.limits.Parts {
		return &Problem{Code: TooManyParts, Limit: int64(a.limits.Parts)}
	}
	var packed, unpacked uint64
	for _, f := range files {
		if f.Flags&1 != 0 {
			return &Problem{Code: PasswordProtected}
		}
		folder := strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0
		if !goodPartName(strings.TrimSuffix(f.Name, "/")) || strings.HasSuffix(f.Name, "/") && !folder {
			return &Problem{Code: BadPartName, Value: clip(f.Name)}
		}
		if folder {
			continue
		}
		if f.Method != zip.Store && f.Method != zip.Deflate {
			return &Problem{Code: BrokenZip, Part: clip(f.Name)}
		}
		if f.UncompressedSize64 > uint64(a.limits.Part) {
			return &Problem{Code: PartTooLarge, Part: clip(f.Name), Limit: a.limits.Part}
		}
		if f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/uint64(max(a.limits.Ratio, 1)) > f.CompressedSize64 {
			return &Problem{Code: ZipBomb, Part: clip(f.Name)}
		}
		// Parts that share their bytes come to more than the file.
		if packed += f.CompressedSize64; packed > uint64(size) {
			return &Problem{Code: ZipBomb, Part: clip(f.Name)}
		}
		if unpacked += f.UncompressedSize64; unpacked > uint64(a.limits.Unpacked) {
			return &Problem{Code: UnpackedTooLarge, Limit: a.limits.Unpacked}
		}
		key := strings.ToLower(f.Name) // names of parts do not tell case apart (ISO 29500-2)
		if a.byName[key] != nil {
			return &Problem{Code: DuplicatePart, Value: clip(f.Name)}
		}
		a.byName[key] = f
		a.files = append(a.files, f)
		if strings.Contains(key, "vbaproject") || strings.Contains(key, "vbadata") {
			return &Problem{Code: Macros, Part: clip(f.Name), Value: "VBA"}
		}
	}
	return nil
}

func goodPartName(name string) bool {
	if name == "" || len(name) > 255 || name != path.Clean(name) || clean(name) != name || strings.ContainsAny(name, "\\:\n\t") {
		return false
	}
	lower := strings.ToLower(name)
	if strings.Contains(lower, "%2f") || strings.Contains(lower, "%5c") || strings.Contains(lower, "%2e") {
		return false
	}
	for seg := range strings.SplitSeq(name, "/") {
		if seg == "" || strings.Trim(seg, ".") == "" {
			return false
		}
	}
	return true
}

// findMain finds the document among the parts and says what it is otherwise.
func (a *archive) findMain() (err error) {
	if a.byName["[content_types].xml"] == nil {
		kind := "ZIP"
		if a.byName["mimetype"] != nil {
			if b, err := a.part("mimetype"); err == nil && bytes.Contains(b, []byte("opendocument")) {
				kind = "OpenDocument"
			}
		}
		return &Problem{Code: NotDOCX, Value: kind}
	}
	if a.types, err = a.tree("[Content_Types].xml"); err != nil {
		return err
	}
	for _, k := range a.types.kids {
		kind, _ := k.attr("", "ContentType")
		name, _ := k.attr("", "PartName")
		switch {
		case strings.Contains(kind, "vbaProject"), strings.Contains(kind, "macroEnabled"):
			return &Problem{Code: Macros, Part: clip(strings.TrimPrefix(name, "/")), Value: "VBA"}
		case strings.Contains(kind, "activeX"):
			return &Problem{Code: Macros, Part: clip(strings.TrimPrefix(name, "/")), Value: "ActiveX"}
		}
	}
	rels, err := a.relations("")
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if rel.kind != "officeDocument" || rel.external {
			continue
		}
		switch kind := a.contentType(rel.target); {
		case kind == typeDocument, kind == typeTemplate:
			if a.byName[strings.ToLower(rel.target)] == nil {
				return &Problem{Code: MissingPart, Value: clip(rel.target)}
			}
			a.main = rel.target
			return nil
		case strings.Contains(kind, "spreadsheet"):
			return &Problem{Code: NotDOCX, Value: "XLSX"}
		case strings.Contains(kind, "presentation"):
			return &Problem{Code: NotDOCX, Value: "PPTX"}
		default:
			return &Problem{Code: NotDOCX, Value: "ZIP"}
		}
	}
	return &Problem{Code: NotDOCX, Value: "ZIP"}
}

func (a *archive) contentType(part string) string {
	byEnding := ""
	for _, k := range a.types.kids {
		kind, _ := k.attr("", "ContentType")
		if name, ok := k.attr("", "PartName"); ok && k.local == "Override" && strings.EqualFold(strings.TrimPrefix(name, "/"), part) {
			return kind
		}
		if ending, ok := k.attr("", "Extension"); ok && k.local == "Default" && strings.EqualFold("."+ending, path.Ext(part)) {
			byEnding = kind
		}
	}
	return byEnding
}

func (a *archive) has(part string) bool { return a.byName[strings.ToLower(part)] != nil }

// part unpacks one part.
func (a *archive) part(name string) ([]byte, error) {
	f := a.byName[strings.ToLower(name)]
	if f == nil {
		return nil, &Problem{Code: MissingPart, Value: clip(name)}
	}
	r, err := f.Open()
	if err != nil {
		return nil, &Problem{Code: BrokenZip, Part: clip(name)}
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64) // at most limits.Part
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, &Problem{Code: BrokenZip, Part: clip(name)}
	}
	if n, err := io.CopyN(io.Discard, r, 1); n > 0 || err != io.EOF { // more than declared, or a wrong checksum
		return nil, &Problem{Code: BrokenZip, Part: clip(name)}
	}
	return data, nil
}

// tree unpacks and parses one part.
func (a *archive) tree(name string) (*node, error) {
	data, err := a.part(name)
	if err != nil {
		return nil, err
	}
	return a.budget.parse(name, data)
}

// relation leads from a part to another, or out of the file.
type relation struct {
	id, kind, target string // kind is the last word of the type; target a part, or any address
	external         bool
}

// relationsOf is the part that holds the relations of a part; "" is the file.
func relationsOf(part string) string {
	dir, name := path.Split(part)
	return dir + "_rels/" + name + ".rels"
}

func (a *archive) relations(part string) ([]relation, error) {
	name := relationsOf(part)
	if !a.has(name) {
		return nil, nil
	}
	root, err := a.tree(name)
	if err != nil {
		return nil, err
	}
	return relationsIn(root, name, part)
}

func relationsIn(root *node, name, part string) ([]relation, error) {
	var rels []relation
	for _, k := range root.kids {
		if k.local != "Relationship" {
			continue
		}
		var rel relation
		rel.id, _ = k.attr("", "Id")
		rel.target, _ = k.attr("", "Target")
		kind, _ := k.attr("", "Type")
		rel.kind = kind[strings.LastIndexByte(kind, '/')+1:]
		mode, _ := k.attr("", "TargetMode")
		rel.external = strings.EqualFold(mode, "External")
		switch {
		case rel.kind == "vbaProject":
			return nil, &Problem{Code: Macros, Part: name, Value: "VBA"}
		case !rel.external:
			target, _, _ := strings.Cut(rel.target, "#")
			if abs, ok := strings.CutPrefix(target, "/"); ok {
				target = path.Clean(abs)
			} else {
				target = path.Join(path.Dir(part), target)
			}
			if rel.target = target; target == "." { // a link to a place in the document itself
				continue
			}
			if !goodPartName(target) {
				return nil, &Problem{Code: BadPartName, Part: name, Value: clip(target)}
			}
		}
		rels = append(rels, rel)
	}
	return rels, nil
}

// goodLink says whether an address may stand in a document: nothing that runs,
// opens a file, or signs in to a share when it is clicked.
func goodLink(address string) bool {
	if len(address) > 2000 || clean(address) != address || strings.ContainsAny(address, "\n\t") {
		return false
	}
	scheme, rest, ok := strings.Cut(address, ":")
	if !ok || rest == "" {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
		return strings.HasPrefix(rest, "//") && len(rest) > 2
	case "mailto":
		return true
	}
	return false
}

func itoa(n int) string { return strconv.Itoa(n) }
