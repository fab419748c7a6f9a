package scrub

import (
	"encoding/xml"
	"path"
	"strings"
)

// nobody stands where a name must stand, and never where a time must.
const (
	nobody = "Author"
	never  = "2000-01-01T00:00:00Z"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// office says what to do with Office Open XML (ECMA-376, and [MS-DOCX], [MS-XLSX], [MS-PPTX] for what came later).
func office(report *Report) document {
	return document{
		dropped: func(name string) (string, bool) {
			name = strings.ToLower(name)
			switch {
			case strings.HasPrefix(name, "docprops/thumbnail."):
				return "thumbnail", true
			case strings.Contains(name, "/printersettings/"):
				return "printer", true
			case strings.HasPrefix(name, "_xmlsignatures/"):
				return "signatures", true
			case strings.HasPrefix(name, "docmetadata/"):
				return "properties", true
			case strings.HasPrefix(name, "ppt/changesinfos/"), name == "ppt/revisioninfo.xml":
				return "revisions", true
			}
			return "", false
		},
		written: func(name string) (string, bool) {
			const office = "http://schemas.openxmlformats.org/officeDocument/2006/"
			switch strings.ToLower(name) {
			case "docprops/core.xml":
				return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`, true
			case "docprops/app.xml":
				return xmlHead + `<Properties xmlns="` + office + `extended-properties"/>`, true
			case "docprops/custom.xml":
				return xmlHead + `<Properties xmlns="` + office + `custom-properties"/>`, true
			}
			return "", false
		},
		edited: func(name string, gone map[string]bool) (rules, bool) {
			lower := strings.ToLower(name)
			switch {
			case lower == "[content_types].xml":
				return rules{drop: func(e xml.StartElement) bool {
					return e.Name.Local == "Override" && gone[strings.TrimPrefix(valueOf(e, "PartName"), "/")]
				}}, true
			case strings.HasSuffix(lower, ".rels"):
				return relations(name, gone, report), true
			case !strings.HasSuffix(lower, ".xml"):
				return rules{}, false
			case strings.HasPrefix(lower, "word/"):
				return word(report), true
			case strings.HasPrefix(lower, "xl/"):
				return excel(report, gone), true
			case strings.HasPrefix(lower, "ppt/"):
				return powerPoint(report), true
			}
			return rules{}, false
		},
		kept: func(name string) (string, bool) {
			lower := strings.ToLower(name)
			switch {
			case strings.HasSuffix(lower, "vbaproject.bin"):
				return "macros", true
			case strings.HasPrefix(lower, "xl/externallinks/"):
				return "links to other files", true
			case strings.HasPrefix(lower, "customxml/item") && !strings.Contains(lower, "props"):
				return "custom XML", true
			case strings.Contains(lower, "/embeddings/") && strings.HasSuffix(lower, ".bin"):
				return "data in pictures and files within", true
			}
			return "", false
		},
	}
}

// relations leaves out what refers to parts that are gone, and to the template on the maker's disk.
func relations(name string, gone map[string]bool, report *Report) rules {
	dir := path.Dir(path.Dir(name)) // of the part whose relations these are
	return rules{drop: func(e xml.StartElement) bool {
		if e.Name.Local != "Relationship" {
			return false
		}
		kind := valueOf(e, "Type")
		if strings.HasSuffix(kind, "/attachedTemplate") {
			report.removed("template")
			return true
		}
		target := valueOf(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", dir, target)
		}
		return gone[strings.TrimPrefix(target, "/")]
	}}
}

func word(report *Report) rules {
	return rules{
		drop: func(e xml.StartElement) bool {
			switch e.Name.Local {
			case "rsids", "docId":
				report.removed("revisions")
				return true
			case "attachedTemplate":
				return true
			}
			return false
		},
		attr: func(element string, a xml.Attr) (string, bool) {
			switch name := a.Name.Local; {
			case a.Name.Space == "":
				return a.Value, true
			case strings.HasPrefix(name, "rsid"):
				report.removed("revisions")
				return "", false
			case name == "author":
				report.removed("authors")
				return nobody, true
			case name == "initials":
				return nobody[:1], true
			case name == "date", name == "dateUtc":
				report.removed("times")
				return "", false
			case element == "presenceInfo" && name == "userId":
				return nobody, true
			case element == "presenceInfo" && name == "providerId":
				return "None", true
			}
			return a.Value, true
		},
	}
}

func excel(report *Report, gone map[string]bool) rules {
	printer := false // settings of printers are gone, and pages must not ask for them
	for name := range gone {
		printer = printer || strings.Contains(strings.ToLower(name), "/printersettings/")
	}
	return rules{
		drop: func(e xml.StartElement) bool {
			switch e.Name.Local {
			case "absPath", "revisionPtr":
				report.removed("revisions")
				return true
			}
			return false
		},
		text: func(e xml.StartElement) (string, bool) {
			if e.Name.Local == "author" {
				report.removed("authors")
				return nobody, true
			}
			return "", false
		},
		attr: func(element string, a xml.Attr) (string, bool) {
			switch name := a.Name.Local; {
			case element == "person" && (name == "displayName" || name == "userId"), element == "userInfo" && name == "name", name == "userName":
				report.removed("authors")
				return nobody, true
			case element == "person" && name == "providerId":
				return "None", true
			case element == "threadedComment" && name == "dT", element == "header" && name == "dateTime", element == "userInfo" && name == "dateTime":
				report.removed("times")
				return never, true
			case printer && element == "pageSetup" && name == "id":
				return "", false
			}
			return a.Value, true
		},
	}
}

func powerPoint(report *Report) rules {
	return rules{attr: func(element string, a xml.Attr) (string, bool) {
		person := element == "cmAuthor" || element == "author"
		switch name := a.Name.Local; {
		case person && (name == "name" || name == "userId"):
			report.removed("authors")
			return nobody, true
		case person && name == "initials":
			return nobody[:1], true
		case person && name == "providerId":
			return "None", true
		case (element == "cm" || element == "reply") && (name == "dt" || name == "created"):
			report.removed("times")
			return never, true
		}
		return a.Value, true
	}}
}
