-- The programme that is being worked on. body is the programme as JSON; edit counts the changes.
create table programme_draft (
  org      text   not null,
  dialogue text   not null,
  edit     bigint not null,
  body     text   not null,
  changed  bigint not null,
  primary key (org, dialogue)
);

-- The programmes that were published. body is what the public record commits to; changes says what is new, as JSON;
-- person published it and is empty for someone whose data have been erased. links is what participants see besides,
-- as JSON, and not public.
create table programme_version (
  org       text    not null,
  dialogue  text    not null,
  number    integer not null,
  body      text    not null,
  changes   text    not null,
  links     text    not null,
  published bigint  not null,
  person    text    not null,
  entry     text    not null,
  primary key (org, dialogue, number)
);
