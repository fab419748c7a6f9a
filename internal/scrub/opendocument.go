package scrub

import (
	"encoding/xml"
	"strings"
)

// openDocument says what to do with OpenDocument files (ISO/IEC 26300).
func openDocument(report *Report) document {
	return document{
		dropped: func(name string) (string, bool) {
			switch {
			case strings.HasPrefix(name, "Thumbnails/"):
				return "thumbnail", true
			case name == "META-INF/documentsignatures.xml", name == "META-INF/macrosignatures.xml":
				return "signatures", true
			case strings.HasPrefix(name, "Versions/"), name == "VersionList.xml":
				return "revisions", true
			}
			return "", false
		},
		written: func(name string) (string, bool) {
			if name != "meta.xml" && !strings.HasSuffix(name, "/meta.xml") {
				return "", false
			}
			return xmlHead + `<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"><office:meta/></office:document-meta>`, true
		},
		edited: func(name string, gone map[string]bool) (rules, bool) {
			switch base := name[strings.LastIndexByte(name, '/')+1:]; {
			case name == "META-INF/manifest.xml":
				return rules{drop: func(e xml.StartElement) bool {
					path := valueOf(e, "full-path")
					return e.Name.Local == "file-entry" && (gone[path] || path == "Thumbnails/" || path == "Versions/")
				}}, true
			case base == "settings.xml":
				return odfSettings(report), true
			case base == "content.xml", base == "styles.xml":
				return odfContent(report), true
			}
			return rules{}, name == "mimetype" // unchanged, but written whole
		},
		kept: func(name string) (string, bool) {
			switch {
			case strings.HasPrefix(name, "Basic/"), strings.HasPrefix(name, "Scripts/"):
				return "macros", true
			case strings.HasPrefix(name, "Object ") && strings.HasSuffix(name, ".bin"):
				return "data in pictures and files within", true
			}
			return "", false
		},
	}
}

func odfSettings(report *Report) rules {
	return rules{text: func(e xml.StartElement) (string, bool) {
		if e.Name.Local != "config-item" {
			return "", false
		}
		switch valueOf(e, "name") {
		case "PrinterName", "PrinterSetup":
			report.removed("printer")
			return "", true
		case "Rsid", "RsidRoot":
			report.removed("revisions")
			return "0", true
		}
		return "", false
	}}
}

func odfContent(report *Report) rules {
	return rules{
		text: func(e xml.StartElement) (string, bool) {
			switch e.Name.Local {
			case "creator", "creator-initials", "sender-initials":
				if e.Name.Space == "text" { // a field, which is seen
					return "", false
				}
				report.removed("authors")
				if e.Name.Local != "creator" {
					return nobody[:1], true
				}
				return nobody, true
			case "date":
				if e.Name.Space == "dc" {
					report.removed("times")
					return strings.TrimSuffix(never, "Z"), true
				}
			}
			return "", false
		},
		attr: func(_ string, a xml.Attr) (string, bool) {
			if a.Name.Local == "rsid" || a.Name.Local == "paragraph-rsid" {
				report.removed("revisions")
				return "", false
			}
			return a.Value, true
		},
	}
}
