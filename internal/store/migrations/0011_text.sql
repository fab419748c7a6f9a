-- A text that people write together. outline is the order of its sections and blocks, as JSON; edit counts every change
-- of the draft, and version the versions that were fixed.
create table text_document (
  org     text    not null,
  id      text    not null,
  kind    text    not null,
  lang    text    not null,
  sample  integer not null,
  outline text    not null,
  edit    bigint  not null,
  version integer not null,
  created bigint  not null,
  changed bigint  not null,
  primary key (org, id)
);

-- The draft, part by part: the title, the sections, the blocks, the stated omissions. edit is the document's count at the
-- part's last change; body is JSON without the owner; person made the change and is empty for someone whose data have
-- been erased.
create table text_part (
  org      text   not null,
  document text   not null,
  id       text   not null,
  kind     text   not null,
  edit     bigint not null,
  body     text   not null,
  owner    text   not null,
  changed  bigint not null,
  person   text   not null,
  primary key (org, document, id)
);
create index text_part_owner on text_part (org, owner);

-- Every change of the draft. body is the part afterwards, or what was removed, as JSON.
create table text_change (
  org        text   not null,
  document   text   not null,
  edit       bigint not null,
  part       text   not null,
  what       text   not null,
  body       text   not null,
  at         bigint not null,
  person     text   not null,
  suggestion text   not null,
  primary key (org, document, edit)
);
create index text_change_part on text_change (org, document, part, edit);
create index text_change_person on text_change (org, person);

-- The versions, which never change. body is the document as JSON.
create table text_version (
  org      text    not null,
  document text    not null,
  number   integer not null,
  edit     bigint  not null,
  body     text    not null,
  note     text    not null,
  fixed    bigint  not null,
  person   text    not null,
  primary key (org, document, number)
);

-- What was suggested: body is the suggestion as JSON, without who made it and what became of it.
create table text_suggestion (
  org      text   not null,
  document text   not null,
  id       text   not null,
  part     text   not null,
  round    text   not null,
  body     text   not null,
  person   text   not null,
  name     text   not null,
  at       bigint not null,
  decision text   not null,
  decided  bigint not null,
  decider  text   not null,
  reason   text   not null,
  primary key (org, document, id)
);
create index text_suggestion_person on text_suggestion (org, person);

-- Comments and the answers to them: body is the comment as JSON, without who wrote it.
create table text_comment (
  org      text   not null,
  document text   not null,
  id       text   not null,
  thread   text   not null,
  part     text   not null,
  round    text   not null,
  body     text   not null,
  person   text   not null,
  name     text   not null,
  at       bigint not null,
  resolved bigint not null,
  resolver text   not null,
  primary key (org, document, id)
);
create index text_comment_person on text_comment (org, person);

-- Who stands behind a version, in which capacity, until when.
create table text_signature (
  org       text    not null,
  document  text    not null,
  id        text    not null,
  version   integer not null,
  person    text    not null,
  name      text    not null,
  capacity  text    not null,
  at        bigint  not null,
  withdrawn bigint  not null,
  primary key (org, document, id)
);
create index text_signature_person on text_signature (org, person);

-- Rounds of comments: closes is the last day, in zone.
create table text_round (
  org      text    not null,
  document text    not null,
  id       text    not null,
  version  integer not null,
  closes   text    not null,
  zone     text    not null,
  opened   bigint  not null,
  ended    bigint  not null,
  primary key (org, document, id)
);

-- Who is asked in a round. ref is what the room calls them.
create table text_invitation (
  org      text   not null,
  document text   not null,
  id       text   not null,
  round    text   not null,
  person   text   not null,
  name     text   not null,
  ref      text   not null,
  invited  bigint not null,
  answered bigint not null,
  primary key (org, document, id)
);
create index text_invitation_person on text_invitation (org, person);
