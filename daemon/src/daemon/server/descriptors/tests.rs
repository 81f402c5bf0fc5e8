use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::net::UnixStream;

use azike_control::UpOptions;
use rustix::pipe::pipe;

use super::*;

fn file(text: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    file
}

fn request(attached: &[Attached]) -> UpRequest {
    UpRequest {
        profile: ProfileSource::Package { name: "a".into() },
        attached: attached.to_vec(),
        keychain: None,
        options: UpOptions::default(),
    }
}

async fn read(descriptor: impl Into<OwnedFd>, limit: usize) -> Result<Vec<u8>, Code> {
    let whole = read_whole(descriptor.into(), limit, "the file").await;
    whole
        .map(|octets| octets.to_vec())
        .map_err(|failure| failure.code)
}

/// The client may have read its file before, and goes on using it.
#[tokio::test]
async fn a_file_is_read_from_its_beginning_and_its_offset_stays() {
    let mut file = file(b"hello");
    assert_eq!(file.stream_position().unwrap(), 5);
    let copy = file.try_clone().unwrap();
    assert_eq!(read(copy, 100).await.unwrap(), b"hello");
    assert_eq!(file.stream_position().unwrap(), 5);
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
}

#[tokio::test]
async fn a_pipe_is_read_until_it_is_closed() {
    let (reader, writer) = pipe().unwrap();
    let mut writer = File::from(writer);
    let writing = std::thread::spawn(move || writer.write_all(&vec![7; 200_000]).unwrap());
    assert_eq!(read(reader, 200_000).await.unwrap(), vec![7; 200_000]);
    writing.join().unwrap();
}

#[tokio::test]
async fn limits_hold_for_files_and_pipes() {
    assert_eq!(read(file(b"12345"), 5).await.unwrap(), b"12345");
    assert_eq!(read(file(b"123456"), 5).await, Err(Code::FILE_TOO_BIG));
    let (reader, writer) = pipe().unwrap();
    File::from(writer).write_all(b"123456").unwrap();
    assert_eq!(read(reader, 5).await, Err(Code::FILE_TOO_BIG));
    let sparse = file(b"");
    sparse.set_len(1 << 40).unwrap();
    assert_eq!(read(sparse, 5).await, Err(Code::FILE_TOO_BIG));
}

/// N-104: folders, devices, sockets.
#[tokio::test]
async fn what_is_neither_file_nor_pipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = File::open(folder.path()).unwrap();
    assert_eq!(read(folder, 5).await, Err(Code::FILE_KIND));
    for device in ["/dev/zero", "/dev/null", "/dev/urandom"] {
        let device = File::open(device).unwrap();
        assert_eq!(read(device, 5).await, Err(Code::FILE_KIND));
    }
    let (socket, _other) = UnixStream::pair().unwrap();
    assert_eq!(read(socket, 5).await, Err(Code::FILE_KIND));
}

/// N-104: write-only, and descriptors that only name a file.
#[tokio::test]
async fn what_is_not_open_for_reading_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let write_only = File::create(&path).unwrap();
    assert_eq!(read(write_only, 5).await, Err(Code::FILE_KIND));
    let (_reader, writer) = pipe().unwrap();
    assert_eq!(read(writer, 5).await, Err(Code::FILE_KIND));
    #[cfg(target_os = "linux")]
    {
        let named = rustix::fs::open(&path, OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
        assert_eq!(read(named, 5).await, Err(Code::FILE_KIND));
    }
}

#[tokio::test]
async fn a_job_has_what_was_attached_in_any_order() {
    use Attached::{Identity, Package, Password};
    let files = [file(b"p12"), file("geheim ü".as_bytes()), file(b"zip")];
    let descriptors = files.map(OwnedFd::from).into();
    let job = read_job(request(&[Identity, Password, Package]), descriptors);
    let job = job.await.unwrap();
    let IdentityInput::File { octets, password } = job.identity else {
        panic!("a file was sent");
    };
    assert_eq!(*octets, b"p12");
    assert_eq!(password.unwrap().as_str(), "geheim ü");
    let PackageInput::Octets { octets, .. } = job.package else {
        panic!("a package was attached");
    };
    assert_eq!(octets, b"zip");
}

/// N-104: too few, too many, not what was announced.
#[tokio::test]
async fn descriptors_must_be_those_announced() {
    use Attached::{Identity, Package, Password};
    let cases: [(&[Attached], usize); 6] = [
        (&[Package, Identity], 0),
        (&[Package, Identity], 1),
        (&[Package, Identity], 3),
        (&[Identity], 1),
        (&[], 0),
        (&[Package, Identity, Password, Password], 4),
    ];
    for (attached, count) in cases {
        let descriptors = (0..count).map(|_| file(b"x").into()).collect();
        let failure = read_job(request(attached), descriptors).await.unwrap_err();
        assert_eq!(failure.code, Code::DESCRIPTORS, "{attached:?} {count}");
    }
}

#[tokio::test]
async fn a_password_is_text() {
    use Attached::{Identity, Package, Password};
    let files = [file(b"zip"), file(b"p12"), file(b"\xff\xfe")];
    let descriptors = files.map(OwnedFd::from).into();
    let job = read_job(request(&[Package, Identity, Password]), descriptors);
    let failure = job.await.unwrap_err();
    assert_eq!(failure.code, Code::IDENTITY_PASSWORD_WRONG);
}
