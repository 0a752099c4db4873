pub fn run(_: &super::arguments::Inspect, _: &super::Session) -> crate::Result<super::Status> { Ok(super::Status::Complete) }
