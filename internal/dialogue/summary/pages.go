package summary

import (
	"bytes"
	"fmt"
	"html/template"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

type pages struct {
	compose  *page.Page[composeView]
	source   *page.Page[sourceView]
	block    *page.Page[blockView]
	section  *page.Page[headingView]
	versions *page.Page[versionsView]
	replies  *page.Page[repliesView]
	returned *page.Page[returnedView]
	round    *page.Page[roundView]
	publish  *page.Page[publishView]
	comment  *page.Page[commentView]
	public   *page.Page[publicView]
	noPrint  *page.Page[publicView]
	print    *sheet
}

// maxForm bounds what a form of this room may weigh, in bytes.
const maxForm = 256 << 10

// Seat adds the room's pages and interfaces to the site.
func (room *Room) Seat(s *page.Site) error {
	if err := s.AddAssets(files); err != nil {
		return err
	}
	var err error
	p := &room.pages
	page.ParseInto(s, &p.compose, &err, files, "compose", "parts")
	page.ParseInto(s, &p.source, &err, files, "source", "parts")
	page.ParseInto(s, &p.block, &err, files, "block", "parts")
	page.ParseInto(s, &p.section, &err, files, "section", "parts")
	page.ParseInto(s, &p.versions, &err, files, "versions", "parts")
	page.ParseInto(s, &p.replies, &err, files, "replies", "parts")
	page.ParseInto(s, &p.returned, &err, files, "returned", "parts")
	page.ParseInto(s, &p.round, &err, files, "round", "parts")
	page.ParseInto(s, &p.publish, &err, files, "publish", "parts")
	page.ParseInto(s, &p.comment, &err, files, "comment", "parts")
	page.ParseInto(s, &p.public, &err, files, "public", "parts", "document")
	page.ParseInto(s, &p.noPrint, &err, files, "noprint", "parts")
	if err == nil {
		p.print, err = room.parseSheet()
	}
	if err != nil {
		return fmt.Errorf("seating the summaries: %w", err)
	}
	s.Public("GET /dialogues/{dialogue}/summary", room.show)
	s.Public("GET /dialogues/{dialogue}/summary/versions/{number}", room.show)
	s.Public("GET /dialogues/{dialogue}/summary.json", room.ShowAPI)
	s.Page("GET /dialogues/{dialogue}/summary.docx", room.showDOCX)
	s.Page("GET /dialogues/{dialogue}/summary.pdf", room.showPDF)
	s.Page("GET /summary/comment", room.showComment)
	s.Page("POST /summary/comment", room.takeComment)

	const at = "/desk/dialogues/{dialogue}/summary"
	signed := room.o.Directory.SignedIn
	s.Page("GET "+at, signed(room.showCompose))
	s.Page("POST "+at, signed(room.takeBegin))
	s.Page("GET "+at+"/source", signed(room.showSource))
	s.Page("POST "+at+"/source", signed(room.takeSource))
	s.Page("POST "+at+"/blocks", signed(room.takeAdd))
	s.Page("GET "+at+"/blocks/{block}", signed(room.showBlock))
	s.Page("POST "+at+"/blocks/{block}", signed(room.takeBlock))
	s.Page("POST "+at+"/sections", signed(room.takeSection))
	s.Page("GET "+at+"/sections/{section}", signed(room.showSection))
	s.Page("POST "+at+"/sections/{section}", signed(room.takeSection))
	s.Page("GET "+at+"/versions", signed(room.showVersions))
	s.Page("POST "+at+"/versions", signed(room.takeVersion))
	s.Page("GET "+at+"/versions/{number}/draft.docx", signed(room.showDraft))
	s.Page("POST "+at+"/returned", signed(room.takeReturned))
	s.Page("GET "+at+"/replies", signed(room.showReplies))
	s.Page("POST "+at+"/replies", signed(room.takeReply))
	s.Page("GET "+at+"/round", signed(room.showRound))
	s.Page("POST "+at+"/round", signed(room.takeRound))
	s.Page("GET "+at+"/publish", signed(room.showPublish))
	s.Page("POST "+at+"/publish", signed(room.takePublish))
	return nil
}

// sheet is a page that stands alone, without the shell: what is printed.
type sheet struct {
	byLang map[locale.Lang]*template.Template
}

func (room *Room) parseSheet() (*sheet, error) {
	s := &sheet{byLang: map[locale.Lang]*template.Template{}}
	c := room.o.Catalogues
	for _, lang := range locale.Langs {
		t, err := template.New("print.html").Funcs(template.FuncMap{
			"t":      func(key string, pairs ...any) string { return c.Text(lang, key, pairs...) },
			"date":   func(d locale.Date) string { return c.Date(lang, d) },
			"number": func(n int) string { return c.Number(lang, n) },
			"lang":   func() string { return string(lang) },
			"dir":    lang.Dir,
		}).ParseFS(files, "templates/print.html")
		if err != nil {
			return nil, err
		}
		s.byLang[lang] = t
	}
	return s, nil
}

func (s *sheet) fill(lang locale.Lang, v *publicView) ([]byte, error) {
	var out bytes.Buffer
	if err := s.byLang[lang].ExecuteTemplate(&out, "print.html", v); err != nil {
		return nil, fmt.Errorf("filling the printed summary: %w", err)
	}
	return out.Bytes(), nil
}
